using Athanor.Core.Randomness;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// SentencePiece's byte pairs: of all neighbours that are a piece together, those with the highest score are joined first, of equal ones the leftmost. A piece that is not
/// used is taken apart again into what it was joined from.
/// </summary>
internal sealed class BytePairSegmenter : ISegmenter
{
    private readonly PieceTable _pieces;
    private readonly bool _hasUnused;
    private readonly JoinRules? _rules;

    [ThreadStatic]
    private static Workspace? _workspace;

    /// <param name="pieces">The vocabulary.</param>
    public BytePairSegmenter(PieceTable pieces)
    {
        _pieces = pieces;
        _hasUnused = Enumerable.Range(0, pieces.Count).Any(id => pieces.TypeOf(id) == PieceType.Unused);

        // What an unused piece was joined from is remembered for the whole text.
        Cuts = _hasUnused ? null : pieces.FindCuts();
        _rules = JoinRules.For(pieces) is { RankCount: < ShortWordMerger.MostRanks } rules ? rules : null;
    }

    /// <inheritdoc/>
    public WordCuts? Cuts { get; }

    /// <inheritdoc/>
    public void Segment(ReadOnlySpan<byte> text, Segmentation result, int offset = 0)
    {
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> word = text[..(Cuts?.WordLength(text) ?? text.Length)];
            text = text[word.Length..];
            while (!word.IsEmpty)
            {
                ReadOnlySpan<byte> part = word[..(Cuts?.PartLength(word) ?? word.Length)];
                if (_rules is null)
                {
                    Segment(part, result, offset, 0, null);
                }
                else if (!ShortWordMerger.TrySegment(_rules, part, result, offset))
                {
                    LongWordMerger.Segment(_rules, part, result, offset);
                }

                offset += part.Length;
                word = word[part.Length..];
            }
        }
    }

    /// <summary>Cuts a text, leaving out joins at random (Provilkov et al. 2020, "BPE-Dropout").</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="result">Where the pieces go.</param>
    /// <param name="offset">Where the text begins.</param>
    /// <param name="dropout">The probability that a join is left out.</param>
    /// <param name="random">Decides; null where nothing is left out.</param>
    public void Segment(ReadOnlySpan<byte> text, Segmentation result, int offset, double dropout, RandomStream? random)
    {
        Workspace work = _workspace ??= new();
        Symbol[] symbols = work.Split(text, _pieces);
        for (int i = 1; i < work.Count; i++)
        {
            Offer(text, work, i - 1, i);
        }

        while (work.Pairs.TryPop(out PairHeap.Pair pair))
        {
            ref Symbol left = ref symbols[pair.Left];
            ref Symbol right = ref symbols[pair.Right];
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != pair.Length)
            {
                continue;
            }

            if (dropout > 0 && (dropout >= 1 || random!.NextDouble() < dropout))
            {
                continue;
            }

            left.Length += right.Length;
            left.Next = right.Next;
            if (right.Next >= 0)
            {
                symbols[right.Next].Previous = pair.Left;
            }

            right.Length = 0;
            if (left.Previous >= 0)
            {
                Offer(text, work, left.Previous, pair.Left);
            }

            if (left.Next >= 0)
            {
                Offer(text, work, pair.Left, left.Next);
            }
        }

        for (int i = work.Count > 0 ? 0 : -1; i >= 0; i = symbols[i].Next)
        {
            Emit(text, symbols[i].Start, symbols[i].Length, work, result, offset);
        }

        work.Unjoined.Clear();
        if (symbols.Length > 1 << 20)
        {
            _workspace = null;
        }
    }

    private void Offer(ReadOnlySpan<byte> text, Workspace work, int left, int right)
    {
        Symbol first = work.Symbols[left];
        Symbol second = work.Symbols[right];
        int length = first.Length + second.Length;
        if (first.Frozen || second.Frozen || length > _pieces.Trie.LongestPiece)
        {
            return;
        }

        int id = _pieces.Trie.Find(text.Slice(first.Start, length));
        if (id < 0)
        {
            return;
        }

        work.Pairs.Push(new PairHeap.Pair(_pieces.ScoreOf(id), left, right, length));
        if (_hasUnused && _pieces.TypeOf(id) == PieceType.Unused)
        {
            work.Unjoined[id] = first.Length;
        }
    }

    private void Emit(ReadOnlySpan<byte> text, int start, int length, Workspace work, Segmentation result, int offset)
    {
        int id = _pieces.Find(text.Slice(start, length));
        if (_hasUnused && _pieces.TypeOf(id) == PieceType.Unused && work.Unjoined.TryGetValue(id, out int left))
        {
            Emit(text, start, left, work, result, offset);
            Emit(text, start + left, length - left, work, result, offset);
            return;
        }

        result.Add(id, offset + start + length);
    }

    private struct Symbol
    {
        public int Start;
        public int Length;
        public int Previous;
        public int Next;
        public bool Frozen;
    }

    private sealed class Workspace
    {
        public Symbol[] Symbols { get; private set; } = new Symbol[256];

        public int Count { get; private set; }

        public PairHeap Pairs { get; } = new();

        /// <summary>For an unused piece how many bytes the left one of the two it was joined from has.</summary>
        public Dictionary<int, int> Unjoined { get; } = [];

        public Symbol[] Split(ReadOnlySpan<byte> text, PieceTable pieces)
        {
            Count = 0;
            for (int at = 0; at < text.Length;)
            {
                if (Count == Symbols.Length)
                {
                    Symbol[] larger = Symbols;
                    Array.Resize(ref larger, Count * 2);
                    Symbols = larger;
                }

                int length = pieces.PrefixLength(text[at..], out bool frozen);
                Symbols[Count] = new Symbol { Start = at, Length = length, Previous = Count - 1, Next = Count + 1, Frozen = frozen };
                Count++;
                at += length;
            }

            if (Count > 0)
            {
                Symbols[Count - 1].Next = -1;
            }

            return Symbols;
        }
    }
}
