using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// Joins the symbols of a short word without a heap: what is left of the word are the set bits of one number, and the next join is the smallest of at most 64 keys.
/// </summary>
internal static class ShortWordMerger
{
    /// <summary>The most symbols of a word.</summary>
    public const int MostSymbols = 64;

    /// <summary>The most ranks, so that a rank and a place are one key.</summary>
    public const int MostRanks = (1 << (32 - PositionBits)) - 1;

    private const int PositionBits = 6;
    private const uint NoKey = uint.MaxValue;

    /// <summary>Appends the pieces of a word, if it has at most <see cref="MostSymbols"/> symbols.</summary>
    /// <param name="rules">What is joined.</param>
    /// <param name="word">UTF-8, not empty.</param>
    /// <param name="result">Where the pieces go.</param>
    /// <param name="offset">Where the word begins.</param>
    [SkipLocalsInit]
    public static bool TrySegment(JoinRules rules, ReadOnlySpan<byte> word, Segmentation result, int offset)
    {
        Span<uint> keys = stackalloc uint[MostSymbols];
        Span<int> ids = stackalloc int[MostSymbols];
        Span<int> ends = stackalloc int[MostSymbols];
        int count = 0;
        for (int at = 0; at < word.Length;)
        {
            if (count == MostSymbols)
            {
                return false;
            }

            ids[count] = rules.NextSymbol(word, ref at);
            ends[count++] = at;
        }

        int last = count - 1;
        int vectors = (count + Vector256<uint>.Count - 1) / Vector256<uint>.Count * Vector256<uint>.Count;
        keys[last..vectors].Fill(NoKey);
        for (int at = 0; at < last; at++)
        {
            keys[at] = Key(rules, ids[at], ids[at + 1], at);
        }

        ulong left = ulong.MaxValue >> (MostSymbols - 1 - last);
        for (uint key = Smallest(keys, vectors); key != NoKey; key = Smallest(keys, vectors))
        {
            int at = (int)(key % MostSymbols);
            int next = Following(left, at);
            ids[at] = rules.Join(ids[at], ids[next]);
            ends[at] = ends[next];
            left &= ~(1UL << next);
            keys[next] = NoKey;
            next = Following(left, at);
            keys[at] = next < MostSymbols ? Key(rules, ids[at], ids[next], at) : NoKey;
            ulong before = left & ((1UL << at) - 1);
            if (before != 0)
            {
                int previous = BitOperations.Log2(before);
                keys[previous] = Key(rules, ids[previous], ids[at], previous);
            }
        }

        int start = 0;
        for (; left != 0; left &= left - 1)
        {
            int at = BitOperations.TrailingZeroCount(left);
            result.Add(rules.Written(ids[at], word[start..ends[at]]), offset + ends[at]);
            start = ends[at];
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Following(ulong left, int at) => BitOperations.TrailingZeroCount(left & (~1UL << at));

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Key(JoinRules rules, int left, int right, int at)
    {
        int joined = rules.Join(left, right);
        return joined < 0 ? NoKey : ((uint)rules.RankOf(joined) << PositionBits) | (uint)at;
    }
}
