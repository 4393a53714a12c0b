using System.Buffers;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>A text with <c>▁</c> for every space, in memory that is given back.</summary>
internal readonly ref struct EscapedText : IDisposable
{
    private readonly byte[] _buffer;
    private readonly int _length;

    /// <param name="text">The text.</param>
    /// <param name="prefix">Whether a space is set before it.</param>
    public EscapedText(ReadOnlySpan<byte> text, bool prefix)
    {
        int spaces = text.Count((byte)' ') + (prefix ? 1 : 0);
        _length = text.Length + (3 * spaces) - text.Count((byte)' ');
        _buffer = ArrayPool<byte>.Shared.Rent(_length);
        int written = 0;
        if (prefix)
        {
            "▁"u8.CopyTo(_buffer);
            written = 3;
        }

        while (true)
        {
            int space = text.IndexOf((byte)' ');
            ReadOnlySpan<byte> word = space < 0 ? text : text[..space];
            word.CopyTo(_buffer.AsSpan(written));
            written += word.Length;
            if (space < 0)
            {
                break;
            }

            "▁"u8.CopyTo(_buffer.AsSpan(written));
            written += 3;
            text = text[(space + 1)..];
        }
    }

    /// <summary>How many bytes a text begins with that are so many when escaped.</summary>
    public static int OriginalLength(ReadOnlySpan<byte> text, int escaped)
    {
        int length = 0;
        for (; escaped > 0; escaped -= text[length++] == ' ' ? 3 : 1)
        {
        }

        return length;
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
