using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Finds the rule for two neighbouring tokens, the innermost look-up of encoding. The rules of a left token lie together, eight bytes each, in a small table of their own: the
/// tokens of one text meet the same few left tokens again and again, so what is looked at stays near.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that no rule merges.</summary>
    public const int None = int.MaxValue;

    /// <summary>Ids are below this.</summary>
    public const int MostTokens = 1 << IdBits;

    /// <summary>There are fewer rules than this.</summary>
    public const int MostRules = 1 << RankBits;

    // A slot is the right token above the rank above the result. An empty slot is all ones: no rule looks so, for the rank is never the largest.
    private const int IdBits = 21;
    private const int RankBits = 64 - (2 * IdBits);
    private const ulong Empty = ulong.MaxValue;

    // By left token where its table begins, and its length less one in the low half; no rules: -1, and nothing to look at
    private readonly (int Start, int Mask)[] _tables;
    private readonly ulong[] _slots;
    private readonly int[] _results;

    /// <summary>Takes the rules in order; where a pair is named twice the later counts, as in Hugging Face tokenizers.</summary>
    /// <param name="merges">The rules.</param>
    /// <param name="oneRankAToken">Whether rules in a row that make the same token have one rank, so that the leftmost goes first: tiktoken ranks tokens, not rules.</param>
    /// <exception cref="AthanorException">There are more rules or tokens than any known vocabulary has.</exception>
    public MergeTable(IReadOnlyList<Merge> merges, bool oneRankAToken = false)
    {
        int tokens = 0;
        foreach (Merge merge in merges)
        {
            tokens = Math.Max(tokens, Math.Max(merge.Left, merge.Result) + 1);
            tokens = Math.Max(tokens, merge.Right + 1);
        }

        if (tokens >= MostTokens || merges.Count >= MostRules)
        {
            throw new AthanorException($"{merges.Count} merges of {tokens} tokens are more than this version encodes with", $"use a vocabulary of less than {MostTokens} tokens and {MostRules} merges");
        }

        int[] counts = new int[tokens];
        foreach (Merge merge in merges)
        {
            counts[merge.Left]++;
        }

        _tables = new (int, int)[tokens];
        int start = 0;
        for (int left = 0; left < tokens; left++)
        {
            // At least one slot of each table stays empty
            int length = counts[left] == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)(counts[left] + (counts[left] / 2) + 1));
            _tables[left] = (start, length - 1);
            start += length;
        }

        _slots = new ulong[start];
        Array.Fill(_slots, Empty);
        _results = new int[merges.Count];
        int rank = 0;
        for (int rule = 0; rule < merges.Count; rule++)
        {
            Merge merge = merges[rule];
            rank = oneRankAToken && rule > 0 && merges[rule - 1].Result == merge.Result ? rank : rule;
            (int first, int mask) = _tables[merge.Left];
            uint slot = Slot(merge.Right, mask);
            while (_slots[first + (int)slot] != Empty && _slots[first + (int)slot] >> (64 - IdBits) != (uint)merge.Right)
            {
                slot = (slot + 1) & (uint)mask;
            }

            _slots[first + (int)slot] = ((ulong)(uint)merge.Right << (64 - IdBits)) | ((ulong)(uint)rank << IdBits) | (uint)merge.Result;
            _results[rank] = merge.Result;
        }
    }

    /// <summary>The number of rules.</summary>
    public int Count => _results.Length;

    /// <summary>The token that a rule makes.</summary>
    public int Result(int rank) => _results[rank];

    /// <summary>The rank of a pair's rule, or <see cref="None"/>.</summary>
    public int Rank(int left, int right) => Rank(left, right, out _);

    /// <summary>The rank of a pair's rule and the token it makes, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right, out int result)
    {
        (int Start, int Mask)[] tables = _tables;
        result = -1;
        if ((uint)left >= (uint)tables.Length)
        {
            return None;
        }

        (int start, int mask) = tables[left];
        if (mask < 0)
        {
            return None;
        }

        ref ulong first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (uint)start);
        uint slot = Slot(right, mask);
        while (true)
        {
            ulong found = Unsafe.Add(ref first, slot);
            if (found >> (64 - IdBits) == (uint)right)
            {
                result = (int)(found & (MostTokens - 1));
                return (int)((found >> IdBits) & (MostRules - 1));
            }

            if (found == Empty)
            {
                return None;
            }

            slot = (slot + 1) & (uint)mask;
        }
    }

    /// <summary>Two tokens as one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Slot(int right, int mask) => (((uint)right * 0x9E3779B1) >> 15) & (uint)mask;
}
