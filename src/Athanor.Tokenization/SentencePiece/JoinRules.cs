using System.Numerics;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// Which two symbols of a word are joined, and which first, by ids instead of texts. Only for vocabularies in which every character of a piece is a piece itself, so that a symbol that
/// has no id is joined with nothing.
/// </summary>
internal sealed class JoinRules
{
    private const ulong Empty = ulong.MaxValue;

    private readonly PieceTrie _trie;
    private readonly PieceTable? _pieces;
    private readonly int[] _ranks;
    private readonly int[]? _written;
    private readonly int[] _ascii = new int[128];

    // Open addressing: two ids, and the id of what they make together
    private readonly ulong[] _pairs;
    private readonly int[] _joined;
    private readonly int _shift;

    private JoinRules(PieceTable pieces)
        : this(pieces.Trie, Texts(pieces), [.. Enumerable.Range(0, pieces.Count).Select(pieces.ScoreOf)])
    {
        _pieces = pieces;
        _written = [.. Enumerable.Range(0, pieces.Count).Select(id => pieces.Find(pieces[id].Bytes))];
    }

    // Texts and scores by id; an empty text where joins make no such piece
    private JoinRules(PieceTrie trie, byte[][] texts, float[] scores)
    {
        _trie = trie;
        Dictionary<float, int> ranks = [];
        foreach (float score in scores.Distinct().OrderDescending())
        {
            ranks[score] = ranks.Count;
        }

        RankCount = ranks.Count;
        _ranks = Array.ConvertAll(scores, score => ranks[score]);
        for (int value = 0; value < _ascii.Length; value++)
        {
            _ascii[value] = trie.Find([(byte)value]);
        }

        List<(ulong Pair, int Joined)> entries = [];
        List<(int Id, int End)> prefixes = [];
        for (int id = 0; id < texts.Length; id++)
        {
            ReadOnlySpan<byte> piece = texts[id];
            prefixes.Clear();
            int state = PieceTrie.Root;
            for (int at = 0; at < piece.Length - 1 && trie.TryStep(ref state, piece[at], out int prefix); at++)
            {
                if (prefix >= 0)
                {
                    prefixes.Add((prefix, at + 1));
                }
            }

            foreach ((int left, int end) in prefixes)
            {
                if (trie.Find(piece[end..]) is int right and >= 0)
                {
                    entries.Add((Key(left, right), id));
                }
            }
        }

        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, entries.Count * 2));
        _shift = 64 - BitOperations.Log2((uint)capacity);
        _pairs = new ulong[capacity];
        _joined = new int[capacity];
        Array.Fill(_pairs, Empty);
        foreach ((ulong pair, int joined) in entries)
        {
            int slot = Slot(pair);
            while (_pairs[slot] != Empty)
            {
                slot = (slot + 1) & (capacity - 1);
            }

            (_pairs[slot], _joined[slot]) = (pair, joined);
        }
    }

    /// <summary>How many ranks there are; they are below it.</summary>
    public int RankCount { get; }

    /// <summary>The rules of a vocabulary; null where symbols cannot be told by their ids.</summary>
    public static JoinRules? For(PieceTable pieces)
    {
        for (int id = 0; id < pieces.Count; id++)
        {
            // What an unused piece was joined from has to be remembered, which these rules do not.
            if (pieces.TypeOf(id) is PieceType.Unused || float.IsNaN(pieces.ScoreOf(id)))
            {
                return null;
            }

        }

        return HasCharacters(pieces.Trie, Texts(pieces)) ? new JoinRules(pieces) : null;
    }

    /// <summary>The rules of a vocabulary all of whose tokens are made by joins; null where symbols cannot be told by their ids.</summary>
    /// <param name="trie">The tokens.</param>
    /// <param name="texts">The same by id.</param>
    /// <param name="scores">Their scores.</param>
    public static JoinRules? For(PieceTrie trie, byte[][] texts, float[] scores) =>
        !scores.Any(float.IsNaN) && HasCharacters(trie, texts) ? new JoinRules(trie, texts, scores) : null;

    /// <summary>Reads the next symbol of a word and moves behind it.</summary>
    /// <returns>Its id; −1 where it is joined with nothing.</returns>
    public int NextSymbol(ReadOnlySpan<byte> word, ref int at)
    {
        if (word[at] < 0x80 && _pieces?.UserDefined is null)
        {
            return _ascii[word[at++]];
        }

        ReadOnlySpan<byte> rest = word[at..];
        bool userDefined = false;
        int length = _pieces?.PrefixLength(rest, out userDefined) ?? UnigramSegmenter.CharacterLength(word, at);
        at += length;
        return userDefined ? -1 : _trie.Find(rest[..length]);
    }

    /// <summary>The rank of the join that makes a piece: the higher its score, the smaller; equal scores have equal ranks.</summary>
    public int RankOf(int id) => _ranks[id];

    /// <summary>The id a symbol is written with at the end; −1 where it has none.</summary>
    /// <param name="id">What it is known by.</param>
    /// <param name="text">Its text.</param>
    public int Written(int id, ReadOnlySpan<byte> text) => _pieces is null ? id : id >= 0 ? _written![id] : _pieces.Find(text);

    /// <summary>The id of what two symbols make together, or −1.</summary>
    public int Join(int left, int right)
    {
        if ((left | right) < 0)
        {
            return -1;
        }

        ulong[] pairs = _pairs;
        ulong pair = Key(left, right);
        for (int slot = Slot(pair); ; slot = (slot + 1) & (pairs.Length - 1))
        {
            ulong found = pairs[slot];
            if (found == pair)
            {
                return _joined[slot];
            }

            if (found == Empty)
            {
                return -1;
            }
        }
    }

    private static byte[][] Texts(PieceTable pieces) =>
        [.. Enumerable.Range(0, pieces.Count).Select(id => pieces.TypeOf(id) is PieceType.Normal or PieceType.UserDefined ? pieces[id].Bytes : [])];

    // Whether every character of every piece is a piece
    private static bool HasCharacters(PieceTrie trie, byte[][] texts)
    {
        foreach (byte[] piece in texts)
        {
            for (int at = 0; at < piece.Length;)
            {
                int length = UnigramSegmenter.CharacterLength(piece, at);
                if (trie.Find(piece.AsSpan(at, length)) < 0)
                {
                    return false;
                }

                at += length;
            }
        }

        return true;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong pair) => (int)((pair * 0x9E3779B97F4A7C15) >> _shift);
}
