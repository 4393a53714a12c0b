using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Byte-pair encoding of one word (Sennrich et al. 2016): starting from its bytes, the neighbours with the earliest rule are merged, the leftmost
/// first, until no rule applies.
/// </summary>
internal sealed class BytePairModel
{
    // So long may a word be whose parts are marked in the bits of one number
    private const int ShortWord = 64;
    private const int PositionBits = 6;
    private const uint NoKey = uint.MaxValue;

    private readonly int[] _byteIds;
    private readonly uint[] _byteKeys = new uint[1 << 16];
    private readonly MergeTable _table;

    public BytePairModel(int[] byteIds, IReadOnlyList<Merge> merges)
    {
        _byteIds = byteIds;
        _table = new MergeTable(merges);
        Merges = merges;

        // The rules between single bytes by the two bytes: most looks for a new word are here
        Array.Fill(_byteKeys, NoKey);
        Dictionary<int, int> bytes = [];
        for (int value = 0; value < byteIds.Length; value++)
        {
            bytes[byteIds[value]] = value;
        }

        for (int rank = 0; rank < merges.Count; rank++)
        {
            Merge merge = merges[rank];
            if (bytes.TryGetValue(merge.Left, out int left) && bytes.TryGetValue(merge.Right, out int right))
            {
                _byteKeys[(left << 8) | right] = (uint)rank << PositionBits;
            }
        }
    }

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<Merge> Merges { get; }

    /// <summary>Writes the ids of a word.</summary>
    /// <param name="word">Its bytes.</param>
    /// <param name="ids">Where they go; at least as long as the word.</param>
    /// <returns>How many they are.</returns>
    public int Encode(ReadOnlySpan<byte> word, Span<int> ids)
    {
        switch (word.Length)
        {
            case 0:
                return 0;
            case 1:
                ids[0] = _byteIds[word[0]];
                return 1;
            case <= ShortWord:
                return EncodeShort(word, ids);
            default:
                return LongWord.Encode(_table, _byteIds, word, ids);
        }
    }

    // What is left of the word is the set bits of one number; the rule of a part with the next stands at the part's place, its rank above the place,
    // so that the smallest is the earliest rule and of equal ones the leftmost
    [SkipLocalsInit]
    private int EncodeShort(ReadOnlySpan<byte> word, Span<int> ids)
    {
        Span<uint> keys = stackalloc uint[ShortWord];
        Span<int> parts = stackalloc int[ShortWord];
        int last = word.Length - 1;
        int vectors = (last + Vector256<uint>.Count - 1) / Vector256<uint>.Count * Vector256<uint>.Count;
        keys[last..vectors].Fill(NoKey);
        parts[0] = _byteIds[word[0]];
        for (int at = 0; at < last; at++)
        {
            parts[at + 1] = _byteIds[word[at + 1]];
            keys[at] = _byteKeys[(word[at] << 8) | word[at + 1]] | (uint)at;
        }

        ulong left = ulong.MaxValue >> (ShortWord - 1 - last);
        for (uint key = Smallest(keys, vectors); key != NoKey; key = Smallest(keys, vectors))
        {
            int at = (int)(key % ShortWord);
            parts[at] = _table.Result((int)(key / ShortWord));
            int next = Following(left, at);
            left &= ~(1UL << next);
            keys[next % ShortWord] = NoKey;
            next = Following(left, at);
            keys[at] = next < ShortWord ? Key(parts[at], parts[next], at) : NoKey;
            ulong before = left & ((1UL << at) - 1);
            if (before != 0)
            {
                int previous = BitOperations.Log2(before);
                keys[previous] = Key(parts[previous], parts[at], previous);
            }
        }

        int count = 0;
        for (; left != 0; left &= left - 1)
        {
            ids[count++] = parts[BitOperations.TrailingZeroCount(left)];
        }

        return count;
    }

    // The place of the part after one, or 64
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Following(ulong left, int at) => BitOperations.TrailingZeroCount(left & (~1UL << at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Key(int left, int right, int at)
    {
        int rank = _table.Rank(left, right);
        return rank == MergeTable.None ? NoKey : ((uint)rank << PositionBits) | (uint)at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Smallest(Span<uint> keys, int length)
    {
        ref uint first = ref MemoryMarshal.GetReference(keys);
        Vector256<uint> smallest = Vector256.LoadUnsafe(ref first);
        for (int at = Vector256<uint>.Count; at < length; at += Vector256<uint>.Count)
        {
            smallest = Vector256.Min(smallest, Vector256.LoadUnsafe(ref first, (uint)at));
        }

        Vector128<uint> half = Vector128.Min(smallest.GetLower(), smallest.GetUpper());
        half = Vector128.Min(half, Vector128.Shuffle(half, Vector128.Create(2u, 3, 0, 1)));
        half = Vector128.Min(half, Vector128.Shuffle(half, Vector128.Create(1u, 0, 3, 2)));
        return half.ToScalar();
    }
}
