using System.Numerics;
using System.Runtime.CompilerServices;

namespace Athanor.Tokenization.Training;

/// <summary>How often each pair of neighbouring tokens occurs: open addressing, because every merge changes the counts of its neighbours.</summary>
internal sealed unsafe class PairTable : IDisposable
{
    private const ulong Empty = ulong.MaxValue;

    private readonly WorkingMemory _memory;
    private LargeArray<Slot> _slots;
    private int _shift;

    public PairTable(WorkingMemory memory, long expected)
    {
        _memory = memory;
        _slots = Create(expected);
    }

    /// <summary>How many pairs there are.</summary>
    public long Count { get; private set; }

    /// <summary>The place of a pair, which is new and empty where it was not seen yet. It is valid until the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Slot* Find(ulong pair)
    {
        Slot* slot = Probe(pair);
        if (slot->Pair == Empty)
        {
            if (Count * 3 >= _slots.Length * 2)
            {
                Rehash();
                slot = Probe(pair);
            }

            slot->Pair = pair;
            Count++;
        }

        return slot;
    }

    /// <summary>Calls for every pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ForEach(Action<nint> visit)
    {
        for (long at = 0; at < _slots.Length; at++)
        {
            if (_slots.Pointer[at].Pair != Empty)
            {
                visit((nint)(_slots.Pointer + at));
            }
        }
    }

    public void Dispose() => _slots.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Slot* Probe(ulong pair)
    {
        long mask = _slots.Length - 1;
        long at = (long)((pair * 0x9E3779B97F4A7C15) >> _shift);
        Slot* slots = _slots.Pointer;
        while (slots[at].Pair != pair && slots[at].Pair != Empty)
        {
            at = (at + 1) & mask;
        }

        return slots + at;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LargeArray<Slot> Create(long expected)
    {
        long capacity = (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1024, expected * 3 / 2));
        _shift = 64 - BitOperations.Log2((ulong)capacity);
        LargeArray<Slot> slots = new(_memory, capacity);
        for (long at = 0; at < capacity; at++)
        {
            slots.Pointer[at].Pair = Empty;
        }

        return slots;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rehash()
    {
        LargeArray<Slot> old = _slots;
        _slots = Create(old.Length + 1);
        for (long at = 0; at < old.Length; at++)
        {
            if (old.Pointer[at].Pair != Empty)
            {
                *Probe(old.Pointer[at].Pair) = old.Pointer[at];
            }
        }

        old.Dispose();
    }

    /// <summary>A pair and what is known of it.</summary>
    internal struct Slot
    {
        /// <summary>The left token in the upper half, the right one in the lower.</summary>
        public ulong Pair;

        /// <summary>How often it occurs in the corpus.</summary>
        public long Count;

        /// <summary>Where its places begin, while they are being laid out.</summary>
        public long Places;

        /// <summary>How many of its lists of places are still to be worked on.</summary>
        public int Lists;

        /// <summary>Whether it ever had more than one such list at a time.</summary>
        public int Scattered;
    }
}
