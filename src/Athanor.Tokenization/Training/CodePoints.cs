using System.Text;

namespace Athanor.Tokenization.Training;

/// <summary>The code points of UTF-8 text; a byte that is none counts as U+FFFD.</summary>
internal ref struct CodePoints(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public int Current { get; private set; }

    public readonly CodePoints GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        Rune.DecodeFromUtf8(_rest, out Rune rune, out int consumed);
        Current = rune.Value;
        _rest = _rest[consumed..];
        return true;
    }
}
