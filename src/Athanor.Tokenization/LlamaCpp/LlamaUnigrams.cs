using System.Runtime.InteropServices;
using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// llama.cpp's UGM: the segmentation with the highest sum of scores, in double precision from left to right, where the earlier candidate keeps its place; a character
/// without a token counts the lowest score less 10, and neighbours of that kind are one unknown token.
/// </summary>
internal sealed class LlamaUnigrams : ILlamaModel
{
    private const float UnknownPenalty = 10;

    private readonly LlamaVocabulary _vocabulary;
    private readonly int _unknown;
    private readonly float _unknownScore;
    private readonly PrecompiledMap? _map;
    private readonly bool _addSpacePrefix;
    private readonly bool _mergeSpaces;
    private readonly PieceTrie _tokens;
    private readonly ByteTrie _userDefined = new();

    [ThreadStatic]
    private static Workspace? _workspace;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="attributes">What the file says that they are.</param>
    /// <param name="unknown">The unknown token; -1: nothing stands for what the vocabulary lacks.</param>
    /// <param name="map">Normalizes the text; null: it stays as it is.</param>
    /// <param name="addSpacePrefix">Whether a space is set before the text.</param>
    /// <param name="mergeSpaces">Whether spaces in a row count as one, and those at the end as none.</param>
    public LlamaUnigrams(LlamaVocabulary vocabulary, TokenAttributes[] attributes, int unknown, PrecompiledMap? map, bool addSpacePrefix, bool mergeSpaces)
    {
        _vocabulary = vocabulary;
        _unknown = unknown;
        _map = map;
        _addSpacePrefix = addSpacePrefix;
        _mergeSpaces = mergeSpaces;
        float lowest = float.MaxValue;
        List<int> usable = [];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (attributes[id] == TokenAttributes.Normal)
            {
                lowest = Math.Min(lowest, vocabulary.Scores[id]);
            }

            if (attributes[id] is TokenAttributes.Normal or TokenAttributes.UserDefined or TokenAttributes.Unused)
            {
                usable.Add(id);
            }

            if (attributes[id] == TokenAttributes.UserDefined)
            {
                _userDefined.Add(vocabulary.Texts[id], id);
            }
        }

        _tokens = new PieceTrie([.. usable.Select(id => vocabulary.Texts[id])], [.. usable]);
        _unknownScore = lowest - UnknownPenalty;
    }

    /// <summary>Normalizes the text; null: it stays as it is.</summary>
    public PrecompiledMap? Map => _map;

    /// <summary>Whether spaces in a row count as one, and those at the end as none.</summary>
    public bool MergesSpaces => _mergeSpaces;

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        Workspace workspace = _workspace ?? new();
        _workspace = null;
        Normalize(text, workspace);
        ReadOnlySpan<byte> normalized = CollectionsMarshal.AsSpan(workspace.Normalized);
        ReadOnlySpan<int> places = CollectionsMarshal.AsSpan(workspace.Places);
        Span<(int Id, int Start, double Score)> best = workspace.Best(normalized.Length + 1);
        best.Fill((_unknown, 0, -double.MaxValue));
        best[0] = (_unknown, 0, 0);
        for (int from = 0; from < normalized.Length;)
        {
            int length = Math.Min(SymbolChain.LengthOf(normalized[from]), normalized.Length - from);
            bool known = false;
            double score = best[from].Score;
            int state = PieceTrie.Root;
            for (int end = from; end < normalized.Length && _tokens.TryStep(ref state, normalized[end], out int id);)
            {
                end++;
                if (id >= 0)
                {
                    known |= end - from == length;
                    double challenger = score + (_vocabulary.Is(id, TokenAttributes.UserDefined) ? 0.0 : _vocabulary.Scores[id]);
                    if (challenger > best[end].Score)
                    {
                        best[end] = (id, from, challenger);
                    }
                }
            }

            if (!known && score + _unknownScore > best[from + length].Score)
            {
                best[from + length] = (_unknown, from, score + _unknownScore);
            }

            from += length;
        }

        int first = pieces.Count;
        bool afterUnknown = false;
        for (int at = normalized.Length; at > 0; at = best[at].Start)
        {
            bool isUnknown = best[at].Id == _unknown;
            int from = start + places[best[at].Start];
            if (isUnknown && afterUnknown && _unknown >= 0)
            {
                pieces[^1] = pieces[^1] with { Start = from };
            }
            else if (!isUnknown || _unknown >= 0)
            {
                pieces.Add(new Piece(best[at].Id, from, start + places[at]));
            }

            afterUnknown = isUnknown;
        }

        pieces.Reverse(first, pieces.Count - first);
        _workspace = workspace.IsLarge ? null : workspace;
    }

    private void Normalize(ReadOnlySpan<byte> text, Workspace workspace)
    {
        int at = 0;
        List<byte> normalized = workspace.Normalized;
        List<int> places = workspace.Places;
        normalized.Clear();
        places.Clear();
        bool prepended = false;
        bool inWord = false;
        while (!text.IsEmpty)
        {
            // As there: a prefix of a user-defined token is enough to be left alone
            int consumed = 0;
            for (int node = ByteTrie.Root; consumed < text.Length && (node = _userDefined.Next(node, text[consumed])) >= 0;)
            {
                consumed++;
            }

            ReadOnlySpan<byte> part = text[..consumed];
            if (consumed == 0 && !(_map is not null && _map.TryMatchLongest(text, out consumed, out part)))
            {
                Rune.DecodeFromUtf8(text, out _, out consumed);
                part = text[..consumed];
            }

            foreach (byte letter in part)
            {
                if (letter != ' ')
                {
                    if (!inWord)
                    {
                        inWord = true;
                        if ((_addSpacePrefix && !prepended) || _mergeSpaces)
                        {
                            normalized.AddRange("▁"u8);
                            prepended = true;
                        }
                    }

                    normalized.Add(letter);
                }
                else
                {
                    inWord = false;
                    if (!_mergeSpaces)
                    {
                        normalized.AddRange("▁"u8);
                    }
                }
            }

            while (places.Count < normalized.Count)
            {
                places.Add(at);
            }

            text = text[consumed..];
            at += consumed;
        }

        places.Add(at);
    }

    /// <summary>Memory for one text at a time.</summary>
    private sealed class Workspace
    {
        private (int Id, int Start, double Score)[] _best = [];

        public List<byte> Normalized { get; } = [];

        /// <summary>Where each byte of the normalized text, and its end, stand in the text.</summary>
        public List<int> Places { get; } = [];

        /// <summary>Whether it once held a text so long that it is not kept.</summary>
        public bool IsLarge => _best.Length > 1 << 20;

        /// <summary>For every end in the normalized text the last piece of the best way there.</summary>
        public Span<(int Id, int Start, double Score)> Best(int count)
        {
            if (_best.Length < count)
            {
                _best = new (int, int, double)[Math.Max(count, 2 * _best.Length)];
            }

            return _best.AsSpan(0, count);
        }
    }
}
