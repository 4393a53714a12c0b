using System.Buffers;
using System.Text;

namespace Athanor.Tokenization;

/// <summary>A text in UTF-8, in memory that goes back when it is disposed. An unpaired surrogate is U+FFFD.</summary>
internal readonly ref struct Utf8Copy : IDisposable
{
    private readonly byte[] _buffer;

    public Utf8Copy(ReadOnlySpan<char> text)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Span = _buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, _buffer));
    }

    public ReadOnlySpan<byte> Span { get; }

    /// <summary>The UTF-16 units of the text before a place in its bytes.</summary>
    public int CharsBefore(int at) => Encoding.UTF8.GetCharCount(Span[..at]);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
