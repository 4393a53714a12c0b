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
    // Up to here looking over all keys for the smallest is faster than keeping order among them
    private const int ShortWord = 512;
    private const int PositionBits = 9;
    private const uint NoKey = uint.MaxValue;

    private readonly int[] _byteIds;
    private readonly (uint Key, int Result)[] _bytePairs = new (uint, int)[1 << 16];
    private readonly MergeTable _table;

    /// <param name="byteIds">The id of every byte.</param>
    /// <param name="merges">The rules in order.</param>
    /// <param name="oneRankAToken">Whether rules in a row that make the same token have one rank.</param>
    public BytePairModel(int[] byteIds, IReadOnlyList<Merge> merges, bool oneRankAToken = false)
    {
        _byteIds = byteIds;
        _table = new MergeTable(merges, oneRankAToken);
        Merges = merges;

        // The rules between single bytes by the two bytes: most looks for a new word are here
        Array.Fill(_bytePairs, (NoKey, -1));
        Dictionary<int, int> bytes = [];
        for (int value = 0; value < byteIds.Length; value++)
        {
            bytes[byteIds[value]] = value;
        }

        foreach (Merge merge in merges)
        {
            if (bytes.TryGetValue(merge.Left, out int left) && bytes.TryGetValue(merge.Right, out int right))
            {
                _bytePairs[(left << 8) | right] = ((uint)_table.Rank(merge.Left, merge.Right) << PositionBits, merge.Result);
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

    // The rule of a part with the next stands at the part's place, its rank above the place, so that the smallest is the earliest rule and of equal ones
    // the leftmost
    [SkipLocalsInit]
    private int EncodeShort(ReadOnlySpan<byte> word, Span<int> ids)
    {
        Span<uint> keySpan = stackalloc uint[ShortWord];
        Span<int> partSpan = stackalloc int[ShortWord];
        Span<short> nextSpan = stackalloc short[ShortWord];
        Span<short> previousSpan = stackalloc short[ShortWord];
        Span<int> resultSpan = stackalloc int[ShortWord];
        ref uint keys = ref MemoryMarshal.GetReference(keySpan);
        ref int parts = ref MemoryMarshal.GetReference(partSpan);
        ref int results = ref MemoryMarshal.GetReference(resultSpan);
        ref short nexts = ref MemoryMarshal.GetReference(nextSpan);
        ref short previouses = ref MemoryMarshal.GetReference(previousSpan);
        int length = word.Length;
        int last = length - 1;
        int vectors = last <= Vector256<uint>.Count ? Vector256<uint>.Count : (last + Vector512<uint>.Count - 1) / Vector512<uint>.Count * Vector512<uint>.Count;
        keySpan[last..vectors].Fill(NoKey);
        parts = _byteIds[word[0]];
        for (int at = 0; at < length; at++)
        {
            Unsafe.Add(ref nexts, at) = (short)(at + 1);
            Unsafe.Add(ref previouses, at) = (short)(at - 1);
        }

        for (int at = 0; at < last; at++)
        {
            Unsafe.Add(ref parts, at + 1) = _byteIds[word[at + 1]];
            (uint rule, int result) = _bytePairs[(word[at] << 8) | word[at + 1]];
            Unsafe.Add(ref keys, at) = rule | (uint)at;
            Unsafe.Add(ref results, at) = result;
        }

        // From here on every place comes from a key, which was made for a place within the word
        for (uint key = Smallest(ref keys, vectors); key != NoKey; key = Smallest(ref keys, vectors))
        {
            int at = (int)(key % ShortWord);
            int next = Unsafe.Add(ref nexts, at);
            int after = Unsafe.Add(ref nexts, next);
            int part = Unsafe.Add(ref results, at);
            Unsafe.Add(ref parts, at) = part;
            Unsafe.Add(ref nexts, at) = (short)after;
            Unsafe.Add(ref keys, next) = NoKey;
            int previous = Unsafe.Add(ref previouses, at);
            if (after < length)
            {
                Unsafe.Add(ref previouses, after) = (short)at;
                Unsafe.Add(ref keys, at) = Key(part, Unsafe.Add(ref parts, after), at, out Unsafe.Add(ref results, at));
            }
            else
            {
                Unsafe.Add(ref keys, at) = NoKey;
            }

            if (previous >= 0)
            {
                Unsafe.Add(ref keys, previous) = Key(Unsafe.Add(ref parts, previous), part, previous, out Unsafe.Add(ref results, previous));
            }
        }

        int count = 0;
        for (int at = 0; at < length; at = Unsafe.Add(ref nexts, at))
        {
            ids[count++] = Unsafe.Add(ref parts, at);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Key(int left, int right, int at, out int result)
    {
        int rank = _table.Rank(left, right, out result);
        return rank == MergeTable.None ? NoKey : ((uint)rank << PositionBits) | (uint)at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Smallest(ref uint first, int length)
    {
        Vector256<uint> smallest = Vector256.LoadUnsafe(ref first);
        if (Vector512.IsHardwareAccelerated && length > Vector256<uint>.Count)
        {
            Vector512<uint> wide = Vector512.LoadUnsafe(ref first);
            for (int at = Vector512<uint>.Count; at < length; at += Vector512<uint>.Count)
            {
                wide = Vector512.Min(wide, Vector512.LoadUnsafe(ref first, (uint)at));
            }

            smallest = Vector256.Min(wide.GetLower(), wide.GetUpper());
        }
        else
        {
            for (int at = Vector256<uint>.Count; at < length; at += Vector256<uint>.Count)
            {
                smallest = Vector256.Min(smallest, Vector256.LoadUnsafe(ref first, (uint)at));
            }
        }

        Vector128<uint> half = Vector128.Min(smallest.GetLower(), smallest.GetUpper());
        half = Vector128.Min(half, Vector128.Shuffle(half, Vector128.Create(2u, 3, 0, 1)));
        half = Vector128.Min(half, Vector128.Shuffle(half, Vector128.Create(1u, 0, 3, 2)));
        return half.ToScalar();
    }
}
