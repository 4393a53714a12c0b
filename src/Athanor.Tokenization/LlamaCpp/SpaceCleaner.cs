namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// llama.cpp's <c>clean_up_tokenization_spaces</c>, in three passes over the same bytes: the space before <c>? ! . ,</c> goes, then those around an apostrophe that
/// stands alone, then the one before <c>'s 'm 're 've</c>. A pass reads what it has written, as there.
/// </summary>
internal static class SpaceCleaner
{
    /// <summary>How much of a text is cleaned alike whatever follows: up to where no space or apostrophe stands within the reach of a rule.</summary>
    public static int SettledLength(ReadOnlySpan<byte> text)
    {
        const int reach = 3;
        for (int length = text.Length; length >= reach; length--)
        {
            int last = text[(length - reach)..length].LastIndexOfAny((byte)' ', (byte)'\'');
            if (last < 0)
            {
                return length;
            }

            length = length - reach + last + 1;
        }

        return 0;
    }

    public static byte[] Clean(byte[] text)
    {
        int length = text.Length;
        int written = Math.Min(1, length);
        for (int at = 1; at < length; at++)
        {
            if (text[at - 1] == ' ' && text[at] is (byte)'?' or (byte)'!' or (byte)'.' or (byte)',')
            {
                written--;
            }

            text[written++] = text[at];
        }

        length = written;
        written = Math.Min(1, length);
        for (int at = 1; at < length; at++)
        {
            byte letter = text[at];
            if (letter == '\'' && at + 1 < length && text[at - 1] == ' ' && text[at + 1] == ' ')
            {
                written--;
                text[++at] = 0;
            }

            text[written++] = letter;
        }

        length = written;
        written = Math.Min(1, length);
        for (int at = 1; at < length; at++)
        {
            if (text[at - 1] == ' ' && text[at] == '\'' && at + 1 < length
                && (text[at + 1] is (byte)'s' or (byte)'m' || (at + 2 < length && text[at + 1] is (byte)'r' or (byte)'v' && text[at + 2] == 'e')))
            {
                written--;
            }

            text[written++] = text[at];
        }

        return text[..written];
    }
}
