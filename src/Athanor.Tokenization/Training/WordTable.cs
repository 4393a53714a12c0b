using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Athanor.Tokenization.Training;

/// <summary>
/// Counts words, as one thread meets them. Words are kept as UTF-8 behind one another, found by open addressing: a word costs its bytes and about thirty more.
/// </summary>
internal sealed class WordTable
{
    private const int FirstSlots = 1 << 12;

    private int[] _slots = new int[FirstSlots];
    private byte[] _bytes = new byte[1 << 16];
    private long[] _counts = new long[FirstSlots / 2];
    private uint[] _hashes = new uint[FirstSlots / 2];
    private int[] _ends = new int[FirstSlots / 2];
    private byte[] _word = new byte[256];

    /// <summary>How many different words there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of memory in use.</summary>
    public long Bytes => (4L * _slots.Length) + _bytes.Length + (16L * _counts.Length);

    /// <summary>Bytes of the words themselves.</summary>
    public int TextBytes => Count == 0 ? 0 : _ends[Count - 1];

    /// <summary>Whether another word might need more room than an array has.</summary>
    public bool IsFull => TextBytes > (1 << 30) || Count > (1 << 28);

    /// <summary>A word by the order of meeting.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(Start(index), _ends[index] - Start(index));

    public long CountOf(int index) => _counts[index];

    /// <summary>Counts a word once; an unpaired surrogate counts as U+FFFD.</summary>
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
    public void Add(ReadOnlySpan<byte> word, long count)
    {
        uint hash = Hash(word);
        int[] slots = _slots;
        uint mask = (uint)slots.Length - 1;
        for (uint at = hash & mask; ; at = (at + 1) & mask)
        {
            int index = slots[at] - 1;
            if (index < 0)
            {
                slots[at] = Append(word, hash, count) + 1;
                if (Count * 2 > slots.Length)
                {
                    Rehash();
                }

                return;
            }

            if (_hashes[index] == hash && this[index].SequenceEqual(word))
            {
                _counts[index] += count;
                return;
            }
        }
    }

    /// <summary>Adds all of another table.</summary>
    public void Add(WordTable other)
    {
        for (int index = 0; index < other.Count; index++)
        {
            Add(other[index], other._counts[index]);
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

    public void Clear()
    {
        Count = 0;
        Array.Clear(_slots);
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

    private int Start(int index) => index == 0 ? 0 : _ends[index - 1];

    private int Append(ReadOnlySpan<byte> word, uint hash, long count)
    {
        int start = TextBytes;
        if (start + word.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(start + word.Length, _bytes.Length + ((long)_bytes.Length / 2))));
        }

        if (Count == _counts.Length)
        {
            int room = _counts.Length + (_counts.Length / 2);
            Array.Resize(ref _counts, room);
            Array.Resize(ref _hashes, room);
            Array.Resize(ref _ends, room);
        }

        word.CopyTo(_bytes.AsSpan(start));
        _counts[Count] = count;
        _hashes[Count] = hash;
        _ends[Count] = start + word.Length;
        return Count++;
    }

    private void Rehash()
    {
        int[] slots = new int[_slots.Length * 2];
        uint mask = (uint)slots.Length - 1;
        for (int index = 0; index < Count; index++)
        {
            uint at = _hashes[index] & mask;
            while (slots[at] != 0)
            {
                at = (at + 1) & mask;
            }

            slots[at] = index + 1;
        }

        _slots = slots;
    }
}
