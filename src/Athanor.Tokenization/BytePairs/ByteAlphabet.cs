namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// The characters that stand for bytes in the files of byte-level tokenizers (Radford et al. 2019, GPT-2): printable Latin-1 stands for itself, the
/// other bytes are numbered from U+0100 in order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Build();
    private static readonly short[] Bytes = Invert();

    /// <summary>The bytes in the order of their characters, which is the order trainers number them in.</summary>
    public static IEnumerable<byte> InCharacterOrder => Enumerable.Range(0, 256).OrderBy(value => Characters[value]).Select(value => (byte)value);

    public static char CharacterOf(byte value) => Characters[value];

    public static string Write(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, (characters, source) =>
    {
        for (int at = 0; at < characters.Length; at++)
        {
            characters[at] = Characters[source[at]];
        }
    });

    /// <summary>The bytes of a written token; null when a character stands for none.</summary>
    public static byte[]? Read(string token)
    {
        byte[] bytes = new byte[token.Length];
        for (int at = 0; at < bytes.Length; at++)
        {
            if (token[at] >= Bytes.Length || Bytes[token[at]] < 0)
            {
                return null;
            }

            bytes[at] = (byte)Bytes[token[at]];
        }

        return bytes;
    }

    /// <summary>The bytes of a token written in UTF-8; null when a character stands for none.</summary>
    public static byte[]? Read(ReadOnlySpan<byte> token)
    {
        // The letters are below U+0144: one byte or two
        int length = 0;
        foreach (byte value in token)
        {
            length += (value & 0xC0) != 0x80 ? 1 : 0;
        }

        byte[] bytes = new byte[length];
        int at = 0;
        for (int index = 0; index < token.Length; index++)
        {
            int character = token[index];
            if (character >= 0x80)
            {
                if (character >= 0xE0 || index + 1 == token.Length)
                {
                    return null;
                }

                character = ((character & 0x1F) << 6) | (token[++index] & 0x3F);
            }

            if (character >= Bytes.Length || Bytes[character] < 0)
            {
                return null;
            }

            bytes[at++] = (byte)Bytes[character];
        }

        return bytes;
    }

    private static char[] Build()
    {
        char[] characters = new char[256];
        int moved = 0;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = (char)(printable ? value : 0x100 + moved++);
        }

        return characters;
    }

    private static short[] Invert()
    {
        short[] bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < 256; value++)
        {
            bytes[Characters[value]] = (short)value;
        }

        return bytes;
    }
}
