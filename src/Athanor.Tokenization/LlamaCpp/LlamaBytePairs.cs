using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// llama.cpp's BPE: the text is cut by a pre-tokenizer, each word's characters (of the byte-level alphabet, or its own) are merged by the rules' order. What is no
/// token in the end is written in the tokens of its bytes, where there are any.
/// </summary>
internal sealed class LlamaBytePairs : ILlamaModel
{
    private readonly LlamaVocabulary _vocabulary;
    private readonly LlamaPreTokenizer _preTokenizer;
    private readonly bool _wholeLines;
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _symbols;

    // What a symbol is written in: its own id, or for one that is no token the tokens of its bytes
    private readonly int[][] _otherIds;

    // How many bytes of text each symbol of a byte-level vocabulary stands for
    private readonly int[] _lengths = [];
    private readonly BytePairModel? _model;
    private readonly MergeTable? _table;
    private readonly int[] _byteIds;
    private readonly RememberedWords _remembered = new();
    private readonly ConcurrentBag<Workspace> _workspaces = [];

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The rules in order, each two symbols with a space between them.</param>
    /// <param name="preTokenizer">How words are cut.</param>
    /// <param name="wholeLines">Whether a run of line feeds that is a token is not merged (Gemma 4).</param>
    /// <exception cref="Core.Errors.AthanorException">There are more tokens or rules than a table holds.</exception>
    public LlamaBytePairs(LlamaVocabulary vocabulary, IEnumerable<byte[]> merges, LlamaPreTokenizer preTokenizer, bool wholeLines)
    {
        _vocabulary = vocabulary;
        _preTokenizer = preTokenizer;
        _wholeLines = wholeLines;
        Dictionary<byte[], int> symbols = new(ByteStringComparer.Instance);
        List<byte[]> others = [];
        List<Merge> rules = [];
        HashSet<(int, int)> seen = [];
        foreach (byte[] merge in merges)
        {
            int space = merge.Length < 2 ? -1 : merge.AsSpan(1).IndexOf((byte)' ') + 1;
            if (space <= 0)
            {
                continue;
            }

            Merge rule = new(SymbolOf(merge[..space]), SymbolOf(merge[(space + 1)..]), SymbolOf([.. merge.AsSpan(0, space), .. merge.AsSpan(space + 1)]));
            if (seen.Add((rule.Left, rule.Right)))
            {
                rules.Add(rule);
            }
        }

        Merges = rules;
        if (preTokenizer.ByteLevel)
        {
            int[] bytes = [.. Enumerable.Range(0, 256).Select(value => SymbolOf(Encoding.UTF8.GetBytes([ByteAlphabet.CharacterOf((byte)value)])))];
            _model = new BytePairModel(bytes, rules);
        }
        else
        {
            _table = new MergeTable(rules);
        }

        _symbols = symbols.GetAlternateLookup<ReadOnlySpan<byte>>();
        _byteIds = [.. Enumerable.Range(0, 256).Select(value => preTokenizer.ByteLevel ? vocabulary.Find([(byte)value]) : vocabulary.Find(Encoding.ASCII.GetBytes($"<0x{value:X2}>")))];
        _otherIds = [.. others.Select(text => text.Select(value => _byteIds[value]).Where(id => id >= 0).ToArray())];
        if (preTokenizer.ByteLevel)
        {
            _lengths = [.. vocabulary.Texts.Concat(others).Select(text => text.Count(letter => letter is < 0x80 or >= 0xC0))];
        }

        int SymbolOf(byte[] text)
        {
            int id = vocabulary.Find(text);
            if (id < 0 && !symbols.TryGetValue(text, out id))
            {
                id = vocabulary.Count + others.Count;
                symbols.Add(text, id);
                others.Add(text);
            }

            return id;
        }
    }

    /// <summary>The rules in order; a symbol that is no token has an id beyond the vocabulary.</summary>
    public IReadOnlyList<Merge> Merges { get; }

    /// <summary>How words are cut.</summary>
    public LlamaPreTokenizer PreTokenizer => _preTokenizer;

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        if (!_preTokenizer.EscapeWhiteSpace)
        {
            EncodeWords(text, start, pieces);
            return;
        }

        using EscapedText escaped = new(text, prefix: false);
        int first = pieces.Count;
        EncodeWords(escaped.Bytes, 0, pieces);
        int done = 0;
        int at = 0;
        for (int index = first; index < pieces.Count; index++)
        {
            at += EscapedText.OriginalLength(text[at..], pieces[index].Start - done);
            int length = EscapedText.OriginalLength(text[at..], pieces[index].End - pieces[index].Start);
            done = pieces[index].Start;
            pieces[index] = pieces[index] with { Start = start + at, End = start + at + length };
        }
    }

    public void EncodeIds(ReadOnlySpan<byte> text, List<int> ids)
    {
        if (!_preTokenizer.EscapeWhiteSpace)
        {
            EncodeWords(text, ids);
            return;
        }

        using EscapedText escaped = new(text, prefix: false);
        EncodeWords(escaped.Bytes, ids);
    }

    private void EncodeWords(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        Workspace workspace = Split(text);
        foreach (int points in workspace.Lengths)
        {
            int length = ByteLength(text, points);
            EncodeWord(text[..length], start, workspace, pieces);
            text = text[length..];
            start += length;
        }

        _workspaces.Add(workspace);
    }

    private void EncodeWords(ReadOnlySpan<byte> text, List<int> ids)
    {
        Workspace workspace = Split(text);
        int at = 0;
        foreach (int points in workspace.Lengths)
        {
            int length = ByteLength(text[at..], points);
            if (!_remembered.TryAppend(text, at, length, ids))
            {
                EncodeNew(text.Slice(at, length), workspace, ids);
            }

            at += length;
        }

        _workspaces.Add(workspace);
    }

    private void EncodeNew(ReadOnlySpan<byte> word, Workspace workspace, List<int> ids)
    {
        int before = ids.Count;
        using ScratchPieces scratch = new();
        EncodeWord(word, 0, workspace, scratch.Pieces);
        scratch.AppendIds(ids);
        _remembered.Keep(word, CollectionsMarshal.AsSpan(ids)[before..]);
    }

    /// <summary>Cuts a text; the lengths of its words, in code points, are in the workspace that comes back.</summary>
    private Workspace Split(ReadOnlySpan<byte> text)
    {
        if (!_workspaces.TryTake(out Workspace? workspace))
        {
            workspace = new Workspace();
        }

        workspace.Text.Set(text);
        workspace.Lengths.Clear();
        workspace.Lengths.Add(workspace.Text.Count);
        for (int step = 0; step < _preTokenizer.Steps.Count; step++)
        {
            workspace.Next.Clear();
            _preTokenizer.Steps[step].Split(workspace.Text, workspace.Lengths, workspace.Next);
            (workspace.Lengths, workspace.Next) = (workspace.Next, workspace.Lengths);
        }

        return workspace;
    }

    private static int ByteLength(ReadOnlySpan<byte> text, int points)
    {
        int length = 0;
        for (int point = 0; point < points; point++)
        {
            length += SymbolChain.LengthOf(text[length]);
        }

        return length;
    }

    private void EncodeWord(ReadOnlySpan<byte> word, int start, Workspace workspace, List<Piece> pieces)
    {
        if ((_preTokenizer.IgnoreMerges || (_wholeLines && word.IndexOfAnyExcept((byte)'\n') < 0)) && word.Length <= _vocabulary.LongestToken)
        {
            int id = _vocabulary.Find(_preTokenizer.ByteLevel ? workspace.Write(word) : word);
            if (id >= 0)
            {
                pieces.Add(new Piece(id, start, start + word.Length));
                return;
            }
        }

        if (_model is not null)
        {
            Span<int> symbols = workspace.Symbols(word.Length);
            foreach (int symbol in symbols[.._model.Encode(word, symbols)])
            {
                Add(symbol, start, _lengths[symbol], pieces);
                start += _lengths[symbol];
            }

            return;
        }

        Span<int> characters = workspace.Symbols(word.Length);
        Span<int> ends = workspace.Ends(word.Length);
        int count = 0;
        for (int at = 0; at < word.Length; count++)
        {
            int length = Math.Min(SymbolChain.LengthOf(word[at]), word.Length - at);
            characters[count] = SymbolOfCharacter(word.Slice(at, length));
            at += length;
            ends[count] = at;
        }

        count = LongWord.Merge(_table!, characters[..count], ends[..count]);
        int done = 0;
        for (int at = 0; at < count; at++)
        {
            int end = ends[at];
            if (characters[at] >= 0)
            {
                Add(characters[at], start + done, end - done, pieces);
            }
            else
            {
                foreach (byte value in word[done..end])
                {
                    if (_byteIds[value] >= 0)
                    {
                        pieces.Add(new Piece(_byteIds[value], start + done, start + end));
                    }
                }
            }

            done = end;
        }
    }

    private void Add(int symbol, int start, int length, List<Piece> pieces)
    {
        if (symbol < _vocabulary.Count)
        {
            pieces.Add(new Piece(symbol, start, start + length));
            return;
        }

        foreach (int id in _otherIds[symbol - _vocabulary.Count])
        {
            pieces.Add(new Piece(id, start, start + length));
        }
    }

    private int SymbolOfCharacter(ReadOnlySpan<byte> character)
    {
        int id = _vocabulary.Find(character);
        return id >= 0 ? id : _symbols.TryGetValue(character, out int symbol) ? symbol : -1;
    }

    /// <summary>Memory for one text at a time.</summary>
    private sealed class Workspace
    {
        private byte[] _written = new byte[64];
        private int[] _symbols = new int[64];
        private int[] _ends = [];

        public CodePointText Text { get; } = new();

        public List<int> Lengths { get; set; } = [];

        public List<int> Next { get; set; } = [];

        public Span<int> Symbols(int count)
        {
            if (_symbols.Length < count)
            {
                _symbols = new int[2 * count];
            }

            return _symbols.AsSpan(0, count);
        }

        public Span<int> Ends(int count)
        {
            if (_ends.Length < count)
            {
                _ends = new int[2 * count];
            }

            return _ends.AsSpan(0, count);
        }

        /// <summary>A word in the byte-level alphabet.</summary>
        public ReadOnlySpan<byte> Write(ReadOnlySpan<byte> word)
        {
            if (_written.Length < 2 * word.Length)
            {
                _written = new byte[2 * word.Length];
            }

            int length = 0;
            foreach (byte value in word)
            {
                char character = ByteAlphabet.CharacterOf(value);
                if (character >= 0x80)
                {
                    _written[length++] = (byte)(0xC0 | (character >> 6));
                    _written[length++] = (byte)(0x80 | (character & 0x3F));
                }
                else
                {
                    _written[length++] = (byte)character;
                }
            }

            return _written.AsSpan(0, length);
        }
    }
}
