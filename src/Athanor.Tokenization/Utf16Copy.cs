using System.Buffers;
using System.Text;

namespace Athanor.Tokenization;

/// <summary>A text in UTF-16, in memory that goes back when it is disposed. Bytes that are no UTF-8 are U+FFFD.</summary>
internal readonly ref struct Utf16Copy : IDisposable
{
    private readonly char[] _buffer;

    public Utf16Copy(ReadOnlySpan<byte> utf8)
    {
        _buffer = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(utf8.Length));
        Span = _buffer.AsSpan(0, Encoding.UTF8.GetChars(utf8, _buffer));
    }

    public ReadOnlySpan<char> Span { get; }

    public void Dispose() => ArrayPool<char>.Shared.Return(_buffer);
}
