using System.Buffers;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Byte-pair encoding of one word (Sennrich et al. 2016): starting from its bytes, the neighbours with the earliest rule are merged, the leftmost
/// first, until no rule applies.
/// </summary>
internal sealed class BytePairModel
{
    // Below this many bytes looking for the smallest rank again after each merge is faster than keeping a heap
    private const int ShortWord = 96;

    private readonly int[] _byteIds;
    private readonly MergeTable _table;

    public BytePairModel(int[] byteIds, IReadOnlyList<Merge> merges)
    {
        _byteIds = byteIds;
        _table = new MergeTable(merges);
        Merges = merges;
    }

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<Merge> Merges { get; }

    /// <summary>Appends the ids of a word.</summary>
    public void Encode(ReadOnlySpan<byte> word, List<int> ids)
    {
        if (word.Length <= ShortWord)
        {
            EncodeShort(word, ids);
        }
        else
        {
            EncodeLong(word, ids);
        }
    }

    private void EncodeShort(ReadOnlySpan<byte> word, List<int> ids)
    {
        if (word.IsEmpty)
        {
            return;
        }

        Span<int> tokens = stackalloc int[ShortWord];
        Span<int> ranks = stackalloc int[ShortWord];
        Span<int> results = stackalloc int[ShortWord];
        int count = word.Length;
        tokens[0] = _byteIds[word[0]];
        for (int at = 1; at < count; at++)
        {
            tokens[at] = _byteIds[word[at]];
            ranks[at - 1] = _table.Rank(tokens[at - 1], tokens[at], out results[at - 1]);
        }

        while (count > 1)
        {
            int best = 0;
            int bestRank = MergeTable.None;
            for (int at = 0; at < count - 1; at++)
            {
                if (ranks[at] < bestRank)
                {
                    bestRank = ranks[at];
                    best = at;
                }
            }

            if (bestRank == MergeTable.None)
            {
                break;
            }

            tokens[best] = results[best];
            tokens[(best + 2)..count].CopyTo(tokens[(best + 1)..]);
            ranks[(best + 1)..(count - 1)].CopyTo(ranks[best..]);
            results[(best + 1)..(count - 1)].CopyTo(results[best..]);
            count--;
            if (best > 0)
            {
                ranks[best - 1] = _table.Rank(tokens[best - 1], tokens[best], out results[best - 1]);
            }

            if (best < count - 1)
            {
                ranks[best] = _table.Rank(tokens[best], tokens[best + 1], out results[best]);
            }
        }

        ids.AddRange(tokens[..count]);
    }

    // A linked list over the bytes and a heap of (rank, position): n log n, so that a megabyte without a space is no attack
    private void EncodeLong(ReadOnlySpan<byte> word, List<int> ids)
    {
        int length = word.Length;
        int[] tokens = ArrayPool<int>.Shared.Rent(length);
        int[] nexts = ArrayPool<int>.Shared.Rent(length);
        int[] previous = ArrayPool<int>.Shared.Rent(length);
        PriorityQueue<(int Position, int Left, int Right, int Result), long> heap = new(length);
        for (int at = 0; at < length; at++)
        {
            tokens[at] = _byteIds[word[at]];
            nexts[at] = at + 1;
            previous[at] = at - 1;
        }

        for (int at = 0; at + 1 < length; at++)
        {
            Offer(at, at + 1);
        }

        while (heap.TryDequeue(out var candidate, out _))
        {
            int position = candidate.Position;
            int next = tokens[position] == candidate.Left ? nexts[position] : length;
            if (next >= length || tokens[next] != candidate.Right)
            {
                continue;
            }

            int after = nexts[next];
            tokens[position] = candidate.Result;
            tokens[next] = -1;
            nexts[position] = after;
            if (after < length)
            {
                previous[after] = position;
                Offer(position, after);
            }

            if (previous[position] >= 0)
            {
                Offer(previous[position], position);
            }
        }

        for (int at = 0; at < length; at = nexts[at])
        {
            ids.Add(tokens[at]);
        }

        ArrayPool<int>.Shared.Return(tokens);
        ArrayPool<int>.Shared.Return(nexts);
        ArrayPool<int>.Shared.Return(previous);

        void Offer(int left, int right)
        {
            int rank = _table.Rank(tokens[left], tokens[right], out int result);
            if (rank != MergeTable.None)
            {
                heap.Enqueue((left, tokens[left], tokens[right], result), ((long)rank << 32) | (uint)left);
            }
        }
    }
}
