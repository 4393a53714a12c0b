using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Finds the rule for two neighbouring tokens: open addressing over eight bytes a rule, because this is the innermost look-up of encoding.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that no rule merges.</summary>
    public const int None = int.MaxValue;

    /// <summary>Ids are below this.</summary>
    public const int MostTokens = 1 << IdBits;

    /// <summary>There are fewer rules than this.</summary>
    public const int MostRules = (1 << RankBits) - 1;

    // A slot is the pair above its rank; all ones is an empty slot, which no rule can look like
    private const int IdBits = 21;
    private const int RankBits = 64 - (2 * IdBits);
    private const ulong Empty = ulong.MaxValue;

    private readonly ulong[] _slots;
    private readonly int[] _results;
    private readonly int _shift;

    /// <summary>Takes the rules in order; where a pair is named twice the later counts, as in Hugging Face tokenizers.</summary>
    public MergeTable(IReadOnlyList<Merge> merges)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        _shift = 64 - BitOperations.Log2((uint)capacity);
        _slots = new ulong[capacity];
        _results = new int[merges.Count];
        Array.Fill(_slots, Empty);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            Merge merge = merges[rank];
            ulong pair = Key(merge.Left, merge.Right);
            int slot = Slot(pair);
            while (_slots[slot] != Empty && _slots[slot] >> RankBits != pair)
            {
                slot = (slot + 1) & (capacity - 1);
            }

            _slots[slot] = (pair << RankBits) | (uint)rank;
            _results[rank] = merge.Result;
        }
    }

    /// <summary>The number of rules.</summary>
    public int Count => _results.Length;

    /// <summary>The token that a rule makes.</summary>
    public int Result(int rank) => _results[rank];

    /// <summary>The rank of a pair's rule, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right)
    {
        ulong[] slots = _slots;
        ref ulong first = ref MemoryMarshal.GetArrayDataReference(slots);
        ulong pair = Key(left, right);
        uint slot = (uint)Slot(pair);
        while (true)
        {
            ulong found = Unsafe.Add(ref first, slot);
            if (found >> RankBits == pair)
            {
                return (int)(found & MostRules);
            }

            if (found == Empty)
            {
                return None;
            }

            slot = (slot + 1) & (uint)(slots.Length - 1);
        }
    }

    /// <summary>Two tokens as one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(int left, int right) => ((ulong)(uint)left << IdBits) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Slot(ulong pair) => (int)((pair * 0x9E3779B97F4A7C15) >> _shift);
}
