using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Athanor.Tokenization.Training;

/// <summary>
/// Counts words, as one thread meets them. Words are kept as UTF-8 behind one another, found by open addressing: a word costs its bytes and about thirty more.
/// </summary>
internal sealed unsafe class WordTable : IDisposable, IWordSource
{
    private const int FirstSlots = 1 << 12;

    private readonly LargeArray<byte> _bytes = new(WorkingMemory.Unlimited, 1 << 16);
    private readonly LargeArray<Entry> _entries = new(WorkingMemory.Unlimited, FirstSlots / 2);
    private LargeArray<int> _slots = new(WorkingMemory.Unlimited, FirstSlots);
    private byte[] _word = new byte[256];
    private int[] _order = [];
    private int _at = -1;

    /// <summary>How many different words there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of memory in use.</summary>
    public long Bytes => (4 * _slots.Length) + _bytes.Length + (sizeof(Entry) * _entries.Length);

    /// <summary>Bytes of the words themselves.</summary>
    public long TextBytes => Count == 0 ? 0 : _entries.Pointer[Count - 1].End;

    /// <summary>Whether it can take no more words; a batch of texts still fits.</summary>
    public bool IsFull => TextBytes > (1L << 31) || Count > (1 << 29);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Word => this[_order[_at]];

    /// <inheritdoc/>
    public long WordCount => CountOf(_order[_at]);

    /// <summary>A word by the order of meeting.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            uint start = Start(index);
            return new ReadOnlySpan<byte>(_bytes.Pointer + start, (int)(_entries.Pointer[index].End - start));
        }
    }

    /// <summary>How often a word was counted.</summary>
    public long CountOf(int index) => _entries.Pointer[index].Count;

    /// <summary>Counts a word once; an unpaired surrogate counts as U+FFFD.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<char> word)
    {
        if (_word.Length < 3 * word.Length)
        {
            _word = new byte[6 * word.Length];
        }

        byte[] buffer = _word;
        int length = 0;
        foreach (char c in word)
        {
            if (c >= 0x80)
            {
                length = Encoding.UTF8.GetBytes(word, buffer);
                break;
            }

            buffer[length++] = (byte)c;
        }

        Add(buffer.AsSpan(0, length), 1);
    }

    /// <summary>Counts a word a number of times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<byte> word, long count)
    {
        uint hash = Hash(word);
        int* slots = _slots.Pointer;
        uint mask = (uint)(_slots.Length - 1);
        for (uint at = hash & mask; ; at = (at + 1) & mask)
        {
            int index = slots[at] - 1;
            if (index < 0)
            {
                slots[at] = Append(word, hash, count) + 1;
                if (Count * 2L > _slots.Length)
                {
                    Rehash();
                }

                return;
            }

            if (_entries.Pointer[index].Hash == hash && this[index].SequenceEqual(word))
            {
                _entries.Pointer[index].Count += count;
                return;
            }
        }
    }

    /// <summary>Adds all of another table.</summary>
    public void Add(WordTable other)
    {
        for (int index = 0; index < other.Count; index++)
        {
            Add(other[index], other.CountOf(index));
        }
    }

    /// <summary>The indexes of the words in the order of their bytes, which is the order of their code points.</summary>
    public int[] InOrder()
    {
        int[] order = new int[Count];
        ulong[] keys = new ulong[Count];
        for (int index = 0; index < order.Length; index++)
        {
            order[index] = index;
            keys[index] = Prefix(this[index]);
        }

        Array.Sort(keys, order);
        for (int from = 0; from < order.Length;)
        {
            int to = from + 1;
            while (to < order.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                order.AsSpan(from, to - from).Sort((first, second) => this[first].SequenceCompareTo(this[second]));
            }

            from = to;
        }

        return order;
    }

    /// <summary>Makes it a source of its words in order.</summary>
    public void Rewind()
    {
        _order = InOrder();
        _at = -1;
    }

    /// <inheritdoc/>
    public bool MoveNext() => ++_at < _order.Length;

    /// <summary>Forgets all words and gives their memory back.</summary>
    public void Clear()
    {
        Count = 0;
        _order = [];
        _slots.Dispose();
        _slots = new LargeArray<int>(WorkingMemory.Unlimited, FirstSlots);
    }

    public void Dispose()
    {
        _bytes.Dispose();
        _entries.Dispose();
        _slots.Dispose();
    }

    private static ulong Prefix(ReadOnlySpan<byte> word)
    {
        Span<byte> first = stackalloc byte[8];
        first.Clear();
        word[..Math.Min(8, word.Length)].CopyTo(first);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ReadOnlySpan<byte> word)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        ref byte bytes = ref MemoryMarshal.GetReference(word);
        int length = word.Length;
        ulong hash = (ulong)length * Multiplier;
        if (length >= 8)
        {
            for (int at = 0; at < length - 8; at += 8)
            {
                hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at)), Multiplier);
            }

            hash ^= Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, length - 8));
        }
        else if (length >= 4)
        {
            hash ^= Unsafe.ReadUnaligned<uint>(ref bytes) | ((ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, length - 4)) << 32);
        }
        else if (length > 0)
        {
            hash ^= bytes | ((ulong)Unsafe.Add(ref bytes, length >> 1) << 8) | ((ulong)Unsafe.Add(ref bytes, length - 1) << 16);
        }

        hash = Mix(hash, 0xD6E8FEB86659FD93);
        return (uint)(hash >> 32) ^ (uint)hash;
    }

    private static ulong Mix(ulong first, ulong second)
    {
        ulong high = Math.BigMul(first, second, out ulong low);
        return high ^ low;
    }

    private uint Start(int index) => index == 0 ? 0 : _entries.Pointer[index - 1].End;

    private int Append(ReadOnlySpan<byte> word, uint hash, long count)
    {
        long start = TextBytes;
        _bytes.Grow(start + word.Length);
        _entries.Grow(Count + 1);
        word.CopyTo(new Span<byte>(_bytes.Pointer + start, word.Length));
        _entries.Pointer[Count] = new Entry { Count = count, Hash = hash, End = (uint)(start + word.Length) };
        return Count++;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rehash()
    {
        LargeArray<int> slots = new(WorkingMemory.Unlimited, _slots.Length * 2);
        uint mask = (uint)(slots.Length - 1);
        for (int index = 0; index < Count; index++)
        {
            uint at = _entries.Pointer[index].Hash & mask;
            while (slots.Pointer[at] != 0)
            {
                at = (at + 1) & mask;
            }

            slots.Pointer[at] = index + 1;
        }

        _slots.Dispose();
        _slots = slots;
    }

    private struct Entry
    {
        public long Count;
        public uint Hash;

        /// <summary>Where the word ends; it begins where the one before it ends.</summary>
        public uint End;
    }
}
