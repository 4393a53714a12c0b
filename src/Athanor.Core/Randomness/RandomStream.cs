using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Athanor.Core.Randomness;

/// <summary>
/// A stream of Philox 4×32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), a counter-based generator: the n-th number is a
/// function of key and n. The key is the seed mixed with the purpose's hash, the counter's upper half is the index, so streams never overlap.
/// </summary>
public sealed class RandomStream
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    private readonly uint _key0;
    private readonly uint _key1;
    private readonly ulong _index;
    private readonly uint[] _block = new uint[4];
    private ulong _position;

    internal RandomStream(long seed, string purpose, long index)
    {
        Span<byte> text = stackalloc byte[8 + Encoding.UTF8.GetByteCount(purpose)];
        MemoryMarshal.Write(text, in seed);
        Encoding.UTF8.GetBytes(purpose, text[8..]);
        ulong key = XxHash3.HashToUInt64(text);
        _key0 = (uint)key;
        _key1 = (uint)(key >> 32);
        _index = (ulong)index;
    }

    /// <summary>How many 32-bit numbers were drawn; setting it moves the stream, which is how a checkpoint restores one.</summary>
    public ulong Position
    {
        get => _position;
        set
        {
            _position = value;
            if ((value & 3) != 0)
            {
                Fill(value >> 2);
            }
        }
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        int lane = (int)(_position & 3);
        if (lane == 0)
        {
            Fill(_position >> 2);
        }

        _position++;
        return _block[lane];
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => ((ulong)NextUInt32() << 32) | NextUInt32();

    /// <summary>A whole number from 0 to <paramref name="exclusiveMaximum"/> − 1, each equally likely (Lemire 2019, without bias).</summary>
    public int NextInt32(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMaximum, 1);
        uint range = (uint)exclusiveMaximum;
        ulong product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            uint threshold = (0u - range) % range;
            while ((uint)product < threshold)
            {
                product = (ulong)NextUInt32() * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A whole number from <paramref name="minimum"/> to <paramref name="exclusiveMaximum"/> − 1.</summary>
    public int NextInt32(int minimum, int exclusiveMaximum) => minimum + NextInt32(exclusiveMaximum - minimum);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number of the standard normal distribution (Box and Muller 1958; two draws a number, so that the position tells all).</summary>
    public double NextGaussian()
    {
        double radius = Math.Sqrt(-2.0 * Math.Log(1.0 - NextDouble()));
        return radius * Math.Cos(2.0 * Math.PI * NextDouble());
    }

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt32(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private void Fill(ulong counter) => Philox(_key0, _key1, (uint)counter, (uint)(counter >> 32), (uint)_index, (uint)(_index >> 32), _block);

    internal static void Philox(uint key0, uint key1, uint c0, uint c1, uint c2, uint c3, Span<uint> output)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            uint next0 = (uint)(product1 >> 32) ^ c1 ^ key0;
            uint next2 = (uint)(product0 >> 32) ^ c3 ^ key1;
            c1 = (uint)product1;
            c3 = (uint)product0;
            c0 = next0;
            c2 = next2;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        output[0] = c0;
        output[1] = c1;
        output[2] = c2;
        output[3] = c3;
    }
}
