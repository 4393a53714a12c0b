using System.Numerics;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Between which characters some rule merges. Where none does, no token reaches across, whatever stands around, and a word falls into parts that are encoded each for itself: sentences
/// of scripts without spaces into short parts that come again and again.
/// </summary>
internal sealed class Junctions
{
    // Rules between whole characters, by a hash of the two: a bit that two pairs share only keeps a word together
    private readonly ulong[] _pairs;
    private readonly int _shift;

    // Rules that join a part of a character with what stands before or behind it, by the two bytes at the junction
    private readonly ulong[] _bytes = new ulong[(1 << 16) / 64];

    /// <param name="byteIds">The id of every byte.</param>
    /// <param name="merges">The rules.</param>
    public Junctions(int[] byteIds, IReadOnlyList<Merge> merges)
    {
        int bits = Math.Max(10, BitOperations.Log2((uint)merges.Count + 1) + 4);
        _pairs = new ulong[(1 << bits) / 64];
        _shift = 64 - bits;
        Ends[] ends = new Ends[1 + byteIds.Concat(merges.Select(merge => Math.Max(merge.Result, Math.Max(merge.Left, merge.Right)))).Max()];
        for (int value = 0; value < byteIds.Length; value++)
        {
            ends[byteIds[value]] = new Ends((uint)value << 24, (uint)value, 1);
        }

        foreach (Merge merge in merges)
        {
            Ends left = ends[merge.Left];
            Ends right = ends[merge.Right];
            if (left.Length == 0 || right.Length == 0)
            {
                // A rule for a token that only a later one makes: no vocabulary that was trained has one
                Array.Fill(_bytes, ulong.MaxValue);
                return;
            }

            ends[merge.Result] = left.With(right);
            byte last = (byte)left.Tail;
            byte lead = (byte)(right.Head >> 24);
            if (left.LastCharacter() is uint before and > 0 && right.FirstCharacter() is uint here and > 0)
            {
                (int word, ulong bit) = PairAt(before, here);
                _pairs[word] |= bit;
            }
            else
            {
                _bytes[((last << 8) | lead) / 64] |= 1UL << (lead % 64);
            }
        }
    }

    /// <summary>Whether no rule merges what ends with a character and what begins with another.</summary>
    /// <param name="before">The bytes of the character before as a number, the last byte in its lowest place.</param>
    /// <param name="here">Those of the character behind.</param>
    /// <param name="lead">The first byte of the character behind.</param>
    public bool NoneBetween(uint before, uint here, byte lead)
    {
        (int word, ulong bit) = PairAt(before, here);
        return ((_bytes[(((before & 0xFF) << 8) | lead) / 64] >> (lead % 64)) & 1) == 0 && (_pairs[word] & bit) == 0;
    }

    /// <summary>How many bytes a character has that begins with a byte; 0 where none does.</summary>
    public static int Width(uint lead) => lead switch { < 0x80 => 1, < 0xC2 => 0, < 0xE0 => 2, < 0xF0 => 3, < 0xF5 => 4, _ => 0 };

    private (int Word, ulong Bit) PairAt(uint before, uint here)
    {
        ulong hash = ((before * 0x9E3779B97F4A7C15) ^ (here * 0xC2B2AE3D27D4EB4F)) * 0xFF51AFD7ED558CCD >> _shift;
        return ((int)(hash >> 6), 1UL << (int)(hash & 63));
    }

    // The first four bytes of a token from the highest place down, the last four up to the lowest
    private readonly record struct Ends(uint Head, uint Tail, int Length)
    {
        public Ends With(Ends right) => new(
            Length >= 4 ? Head : Head | (right.Head >> (8 * Length)),
            right.Length >= 4 ? right.Tail : right.Tail | (Tail << (8 * right.Length)),
            Length + right.Length);

        // 0 where the token begins with less than a character
        public uint FirstCharacter() => Width(Head >> 24) is > 0 and int width && width <= Length ? Head >> (32 - (8 * width)) : 0;

        // 0 where it ends so
        public uint LastCharacter()
        {
            for (int width = 1; width <= Math.Min(4, Length); width++)
            {
                uint lead = (Tail >> (8 * (width - 1))) & 0xFF;
                if (lead is < 0x80 or >= 0xC0)
                {
                    return Width(lead) == width ? Tail & (uint.MaxValue >> (32 - (8 * width))) : 0;
                }
            }

            return 0;
        }
    }
}
