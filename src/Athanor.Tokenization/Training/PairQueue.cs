using System.Runtime.CompilerServices;

namespace Athanor.Tokenization.Training;

/// <summary>The most frequent pair first; among equally frequent ones that with the smallest ids. A heap with four children a node.</summary>
internal sealed unsafe class PairQueue : IDisposable
{
    private readonly LargeArray<Entry> _entries;
    private long _count;

    public PairQueue(WorkingMemory memory, long expected)
    {
        _entries = new LargeArray<Entry>(memory, Math.Max(64, expected));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Push(in Entry entry)
    {
        _entries.Grow(_count + 1);
        Entry* entries = _entries.Pointer;
        long at = _count++;
        while (at > 0)
        {
            long parent = (at - 1) >> 2;
            if (!entry.Before(entries + parent))
            {
                break;
            }

            entries[at] = entries[parent];
            at = parent;
        }

        entries[at] = entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryPop(out Entry entry)
    {
        if (_count == 0)
        {
            entry = default;
            return false;
        }

        Entry* entries = _entries.Pointer;
        entry = entries[0];
        Entry last = entries[--_count];
        long at = 0;
        while (true)
        {
            long child = (at << 2) + 1;
            if (child >= _count)
            {
                break;
            }

            long best = child;
            long end = Math.Min(child + 4, _count);
            for (long other = child + 1; other < end; other++)
            {
                if (entries[other].Before(entries + best))
                {
                    best = other;
                }
            }

            if (!entries[best].Before(&last))
            {
                break;
            }

            entries[at] = entries[best];
            at = best;
        }

        if (_count > 0)
        {
            entries[at] = last;
        }

        return true;
    }

    public void Dispose() => _entries.Dispose();

    /// <summary>A pair with the places it was seen at when it was queued.</summary>
    internal struct Entry
    {
        public long Count;
        public ulong Pair;

        /// <summary>Where its list of places begins.</summary>
        public long First;

        /// <summary>How long that list is.</summary>
        public uint Places;

        // Lists of one pair are worked on in the order they were made
        public uint Number;

        public readonly bool Before(Entry* other)
        {
            return Count != other->Count ? Count > other->Count
                : Pair != other->Pair ? Pair < other->Pair
                : Number < other->Number;
        }
    }
}
