using Athanor.Core.Randomness;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Merges the symbols of a word by rules: a heap of candidates by rank and place, so that a word of any length takes n log n.
/// </summary>
internal readonly ref struct MergeLoop(MergeTable table)
{
    /// <summary>Merges until no rule applies.</summary>
    public void Merge(Symbols symbols) => Merge(symbols, 0, null);

    /// <summary>Merges, but leaves each merge out with a probability when its turn comes; it is tried again after the next one that is made (Provilkov et al. 2020).</summary>
    public void MergeSome(Symbols symbols, double dropout, RandomStream random) => Merge(symbols, dropout, random);

    private void Merge(Symbols symbols, double dropout, RandomStream? random)
    {
        Span<int> ids = symbols.Ids;
        Span<int> bytes = symbols.Bytes;
        int count = ids.Length;
        if (count < 2)
        {
            return;
        }

        int[] next = new int[count];
        int[] previous = new int[count];
        PriorityQueue<Candidate, long> queue = new(count);
        List<(Candidate Candidate, long Priority)> skipped = [];
        for (int at = 0; at < count; at++)
        {
            next[at] = at + 1;
            previous[at] = at - 1;
        }

        for (int at = 0; at + 1 < count; at++)
        {
            Offer(ids, at, at + 1, queue);
        }

        while (queue.TryDequeue(out Candidate candidate, out long priority))
        {
            if (random is not null && random.NextDouble() < dropout)
            {
                skipped.Add((candidate, priority));
                continue;
            }

            queue.EnqueueRange(skipped);
            skipped.Clear();
            int left = candidate.Place;
            int right = next[left];
            if (bytes[left] == 0 || right >= count || table.Rank(ids[left], ids[right]) is var rank && (rank == MergeTable.None || table.Result(rank) != candidate.Result))
            {
                continue;
            }

            ids[left] = candidate.Result;
            bytes[left] += bytes[right];
            bytes[right] = 0;
            int after = next[right];
            next[left] = after;
            if (previous[left] >= 0)
            {
                Offer(ids, previous[left], left, queue);
            }

            if (after < count)
            {
                previous[after] = left;
                Offer(ids, left, after, queue);
            }
        }
    }

    private void Offer(ReadOnlySpan<int> ids, int left, int right, PriorityQueue<Candidate, long> queue)
    {
        int rank = table.Rank(ids[left], ids[right]);
        if (rank != MergeTable.None)
        {
            queue.Enqueue(new Candidate(left, table.Result(rank)), ((long)rank << 32) | (uint)left);
        }
    }

    private readonly record struct Candidate(int Place, int Result);
}
