namespace Athanor.Tokenization.Pipeline;

/// <summary>Cuts a text in UTF-8 where every tokenizer after BERT's pattern cuts it: at the spaces of ASCII, which go, and around the punctuation of ASCII, of which each is a word.</summary>
internal static class AsciiChunks
{
    /// <summary>Whether a byte is a space, a tab or a line's end.</summary>
    public static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    /// <summary>The length of the chunk a text begins with; its first byte is no space.</summary>
    public static int LengthOf(ReadOnlySpan<byte> text)
    {
        int end = 1;
        while (!IsPunctuation(text[0]) && end < text.Length && !IsSpace(text[end]) && !IsPunctuation(text[end]))
        {
            end++;
        }

        return end;
    }

    private static bool IsPunctuation(byte value) => value is (> (byte)' ' and < (byte)'0') or (> (byte)'9' and < (byte)'A') or (> (byte)'Z' and < (byte)'a') or (> (byte)'z' and < 0x7F);
}
