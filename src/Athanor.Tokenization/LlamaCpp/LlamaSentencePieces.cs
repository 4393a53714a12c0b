using System.Runtime.InteropServices;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// llama.cpp's SPM: pairs of neighbours whose text is a token are merged, the one with the highest score first, of equal ones the leftmost. What is no token in the
/// end is written in byte tokens.
/// </summary>
internal sealed class LlamaSentencePieces : ILlamaModel, ISymbolMerger
{
    private readonly LlamaVocabulary _vocabulary;
    private readonly bool _addSpacePrefix;
    private readonly int _unknown;
    private readonly int[] _bytes;

    // Ids instead of texts, where the vocabulary allows it; where no token crosses the border of words, words are merged on their own
    private readonly JoinRules? _rules;
    private readonly WordCuts? _cuts;
    private readonly RememberedWords _remembered = new();

    [ThreadStatic]
    private static Segmentation? _found;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="addSpacePrefix">Whether a space is set before a text and after a special token.</param>
    /// <param name="unknown">What stands for a byte without a token; -1: nothing does.</param>
    public LlamaSentencePieces(LlamaVocabulary vocabulary, bool addSpacePrefix, int unknown)
    {
        _vocabulary = vocabulary;
        _addSpacePrefix = addSpacePrefix;
        _unknown = unknown;
        _bytes = [.. Enumerable.Range(0, 256).Select(value => vocabulary.FindByte((byte)value))];
        _rules = JoinRules.For(new PieceTrie(vocabulary.Texts), vocabulary.Texts, vocabulary.Scores) is { RankCount: < ShortWordMerger.MostRanks } rules ? rules : null;
        WordCuts cuts = new(vocabulary.Texts);
        _cuts = cuts.CutsWords ? cuts : null;
    }

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        using EscapedText escaped = new(text, _addSpacePrefix);

        // The space before the text takes none of it
        int prefix = _addSpacePrefix ? "▁"u8.Length : 0;
        int done = 0;
        int from = 0;
        Segmentation found = _found ??= new();
        found.Clear();
        for (ReadOnlySpan<byte> rest = escaped.Bytes; !rest.IsEmpty;)
        {
            int word = WordLength(rest);
            Merge(rest[..word], found, escaped.Bytes.Length - rest.Length);
            rest = rest[word..];
        }

        for (int at = 0; at < found.Count; at++)
        {
            int id = found.Ids[at];
            int length = found.Ends[at] - done;
            int to = from + EscapedText.OriginalLength(text[from..], length - prefix);
            if (id >= 0)
            {
                pieces.Add(new Piece(id, start + from, start + to));
            }
            else
            {
                foreach (byte value in escaped.Bytes.Slice(done, length))
                {
                    int token = _bytes[value] >= 0 ? _bytes[value] : _unknown;
                    if (token >= 0)
                    {
                        pieces.Add(new Piece(token, start + from, start + to));
                    }
                }
            }

            prefix = 0;
            done += length;
            from = to;
        }
    }

    public void EncodeIds(ReadOnlySpan<byte> text, List<int> ids)
    {
        using EscapedText escaped = new(text, _addSpacePrefix);
        ReadOnlySpan<byte> bytes = escaped.Bytes;
        for (int at = 0; at < bytes.Length;)
        {
            int length = WordLength(bytes[at..]);
            ReadOnlySpan<byte> word = bytes.Slice(at, length);
            if (!_remembered.TryAppend(bytes, at, length, ids))
            {
                int before = ids.Count;
                AppendMerged(word, ids);
                _remembered.Keep(word, CollectionsMarshal.AsSpan(ids)[before..]);
            }

            at += length;
        }
    }

    /// <summary>How many bytes at the beginning may be merged on their own.</summary>
    private int WordLength(ReadOnlySpan<byte> text)
    {
        if (_cuts is null)
        {
            return text.Length;
        }

        int length = _cuts.WordLength(text);
        return length <= RememberedWords.LongestWord ? length : _cuts.PartLength(text[..length]);
    }

    private void AppendMerged(ReadOnlySpan<byte> word, List<int> ids)
    {
        Segmentation found = _found ??= new();
        found.Clear();
        Merge(word, found, 0);
        int start = 0;
        for (int at = 0; at < found.Count; at++)
        {
            if (found.Ids[at] >= 0)
            {
                ids.Add(found.Ids[at]);
            }
            else
            {
                foreach (byte value in word[start..found.Ends[at]])
                {
                    int token = _bytes[value] >= 0 ? _bytes[value] : _unknown;
                    if (token >= 0)
                    {
                        ids.Add(token);
                    }
                }
            }

            start = found.Ends[at];
        }
    }

    private void Merge(ReadOnlySpan<byte> word, Segmentation found, int offset)
    {
        if (_rules is null)
        {
            SymbolChain.Merge(word, this, found, offset);
        }
        else if (!ShortWordMerger.TrySegment(_rules, word, found, offset))
        {
            LongWordMerger.Segment(_rules, word, found, offset);
        }
    }

    int ISymbolMerger.SymbolOf(ReadOnlySpan<byte> character) => _vocabulary.Find(character);

    bool ISymbolMerger.TryMerge(int left, int right, ReadOnlySpan<byte> text, out int result, out uint order)
    {
        result = _vocabulary.Find(text);
        order = result < 0 ? 0 : Descending(_vocabulary.Scores[result]);
        return result >= 0;
    }

    /// <summary>A number that is the smaller the higher the score is.</summary>
    private static uint Descending(float score)
    {
        // + 0 makes both zeros one
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x80000000) != 0 ? bits : ~bits & 0x7FFFFFFF;
    }
}
