using Athanor.Core.Randomness;

namespace Athanor.Tests;

/// <summary>Seeded damage to a file: truncated, bits flipped, spans zeroed, filled, removed, doubled or exchanged.</summary>
internal static class Mutation
{
    public static IEnumerable<byte[]> Of(byte[] original, int count, string purpose) => Of(original, 0, count, purpose);

    public static IEnumerable<byte[]> Of(byte[] original, int first, int count, string purpose)
    {
        RandomStreams streams = new(20261124);
        for (int index = first; index < first + count; index++)
        {
            RandomStream random = streams.Open(purpose, index);
            byte[] bytes = [.. original];
            int damages = 1 + random.NextInt32(3);
            for (int damage = 0; damage < damages && bytes.Length > 0; damage++)
            {
                bytes = Damage(bytes, random);
            }

            yield return bytes;
        }
    }

    private static byte[] Damage(byte[] bytes, RandomStream random)
    {
        int from = random.NextInt32(bytes.Length);
        int length = 1 + random.NextInt32(Math.Min(16, bytes.Length - from));
        switch (random.NextInt32(7))
        {
            case 0:
                return bytes[..from];
            case 1:
                bytes[from] ^= (byte)(1 << random.NextInt32(8));
                return bytes;
            case 2:
                bytes.AsSpan(from, length).Clear();
                return bytes;
            case 3:
                bytes.AsSpan(from, length).Fill(0xFF);
                return bytes;
            case 4:
                return [.. bytes[..from], .. bytes[(from + length)..]];
            case 5:
                return [.. bytes[..(from + length)], .. bytes[from..]];
            default:
                int other = random.NextInt32(bytes.Length - length + 1);
                bytes.AsSpan(from, length).ToArray().CopyTo(bytes, other);
                return bytes;
        }
    }
}
