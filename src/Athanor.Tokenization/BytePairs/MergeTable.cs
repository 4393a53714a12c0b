using System.Numerics;
using System.Runtime.CompilerServices;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Finds the rule for two neighbouring tokens: open addressing over arrays, because this is the innermost look-up of encoding.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that no rule merges.</summary>
    public const int None = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;

    private readonly ulong[] _pairs;
    private readonly int[] _ranks;
    private readonly int[] _results;
    private readonly int _shift;

    /// <summary>Takes the rules in order; where a pair is named twice the later counts, as in Hugging Face tokenizers.</summary>
    public MergeTable(IReadOnlyList<Merge> merges)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        _shift = 64 - BitOperations.Log2((uint)capacity);
        _pairs = new ulong[capacity];
        _ranks = new int[capacity];
        _results = new int[capacity];
        Array.Fill(_pairs, Empty);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            Merge merge = merges[rank];
            ulong pair = Pair(merge.Left, merge.Right);
            int slot = Slot(pair);
            while (_pairs[slot] != Empty && _pairs[slot] != pair)
            {
                slot = (slot + 1) & (capacity - 1);
            }

            _pairs[slot] = pair;
            _ranks[slot] = rank;
            _results[slot] = merge.Result;
        }
    }

    /// <summary>The rank of a pair's rule, or <see cref="None"/>.</summary>
    public int Rank(int left, int right, out int result)
    {
        ulong pair = Pair(left, right);
        int slot = Slot(pair);
        while (true)
        {
            ulong found = _pairs[slot];
            if (found == pair)
            {
                result = _results[slot];
                return _ranks[slot];
            }

            if (found == Empty)
            {
                result = -1;
                return None;
            }

            slot = (slot + 1) & (_pairs.Length - 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Slot(ulong pair) => (int)((pair * 0x9E3779B97F4A7C15) >> _shift);
}
