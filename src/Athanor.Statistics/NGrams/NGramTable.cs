using System.Numerics;

namespace Athanor.Statistics.NGrams;

/// <summary>
/// The n-grams of one order, numbered as they are met: an n-gram is the number of its first n − 1 words among the n-grams of the order below, and its
/// last word. Open addressing; a slot holds key and number side by side, so that a look-up touches one line of memory.
/// </summary>
internal sealed class NGramTable
{
    private Slot[] _slots = new Slot[16];
    private int _shift = 60;

    public int Count { get; private set; }

    /// <summary>The number of an n-gram, or -1.</summary>
    public int Find(int context, int word)
    {
        ulong key = Key(context, word);
        Slot[] slots = _slots;
        for (int at = Home(key); ; at = (at + 1) & (slots.Length - 1))
        {
            ref readonly Slot slot = ref slots[at];
            if (slot.Number == 0)
            {
                return -1;
            }

            if (slot.Key == key)
            {
                return slot.Number - 1;
            }
        }
    }

    /// <summary>The number of an n-gram, which is added if it is new.</summary>
    public int Add(int context, int word, out bool added)
    {
        if (Count >= _slots.Length / 3 * 2)
        {
            Grow();
        }

        ulong key = Key(context, word);
        for (int at = Home(key); ; at = (at + 1) & (_slots.Length - 1))
        {
            ref Slot slot = ref _slots[at];
            if (slot.Number == 0)
            {
                slot = new Slot(key, ++Count);
                added = true;
                return Count - 1;
            }

            if (slot.Key == key)
            {
                added = false;
                return slot.Number - 1;
            }
        }
    }

    /// <summary>All n-grams: number, context, last word.</summary>
    public IEnumerable<(int Number, int Context, int Word)> All()
    {
        foreach (Slot slot in _slots)
        {
            if (slot.Number != 0)
            {
                yield return (slot.Number - 1, (int)(slot.Key >> 32), (int)slot.Key);
            }
        }
    }

    private static ulong Key(int context, int word) => ((ulong)(uint)context << 32) | (uint)word;

    private int Home(ulong key)
    {
        key *= 0x9E3779B97F4A7C15;
        return (int)((key ^ (key >> 32)) * 0xD6E8FEB86659FD93 >> _shift);
    }

    private void Grow()
    {
        Slot[] old = _slots;
        _slots = new Slot[old.Length * 2];
        _shift = 64 - BitOperations.Log2((uint)_slots.Length);
        foreach (Slot slot in old)
        {
            if (slot.Number != 0)
            {
                int at = Home(slot.Key);
                while (_slots[at].Number != 0)
                {
                    at = (at + 1) & (_slots.Length - 1);
                }

                _slots[at] = slot;
            }
        }
    }

    private readonly struct Slot(ulong key, int number)
    {
        public readonly ulong Key = key;

        // From 1, so that fresh memory is empty
        public readonly int Number = number;
    }
}
