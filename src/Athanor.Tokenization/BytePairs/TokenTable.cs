using System.Numerics;
using System.Runtime.InteropServices;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Finds the token that is a given run of bytes.</summary>
internal sealed class TokenTable
{
    private readonly byte[]?[] _tokens;

    // The upper half of the hash above id + 1; 0 is an empty slot
    private readonly ulong[] _slots;

    /// <param name="tokens">The bytes of each id; null for ids that no text gives. Of equal ones the first counts.</param>
    public TokenTable(byte[]?[] tokens)
    {
        _tokens = tokens;
        _slots = new ulong[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, tokens.Length * 2))];
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is byte[] token)
            {
                ulong hash = Hash(token);
                int slot = (int)hash & (_slots.Length - 1);
                while (_slots[slot] != 0 && !(_slots[slot] >> 32 == hash >> 32 && tokens[(int)(uint)_slots[slot] - 1].AsSpan().SequenceEqual(token)))
                {
                    slot = (slot + 1) & (_slots.Length - 1);
                }

                if (_slots[slot] == 0)
                {
                    _slots[slot] = (hash >> 32 << 32) | (uint)(id + 1);
                }
            }
        }
    }

    /// <summary>The id of a token, or -1.</summary>
    public int Find(ReadOnlySpan<byte> token)
    {
        ulong hash = Hash(token);
        for (int slot = (int)hash & (_slots.Length - 1); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            int id = (int)(uint)_slots[slot] - 1;
            if (_slots[slot] >> 32 == hash >> 32 && token.SequenceEqual(_tokens[id]))
            {
                return id;
            }
        }

        return -1;
    }

    // Blocks that overlap, where padding would cost more than the rest
    private static ulong Hash(ReadOnlySpan<byte> token)
    {
        int length = token.Length;
        ulong hash = length switch
        {
            0 => 0,
            < 4 => WordCache.Hash(token[0] | ((uint)token[length / 2] << 8) | ((uint)token[^1] << 16), 0, 0, 0, length),
            < 8 => WordCache.Hash(MemoryMarshal.Read<uint>(token), MemoryMarshal.Read<uint>(token[^4..]), 0, 0, length),
            < 16 => WordCache.Hash(MemoryMarshal.Read<ulong>(token), MemoryMarshal.Read<ulong>(token[^8..]), 0, 0, length),
            < 32 => WordCache.Hash(MemoryMarshal.Read<ulong>(token), MemoryMarshal.Read<ulong>(token[8..]), MemoryMarshal.Read<ulong>(token[^16..]), MemoryMarshal.Read<ulong>(token[^8..]), length),
            _ => WordCache.Hash(token),
        };
        return hash ^ (hash >> 29);
    }
}
