namespace Athanor.Tokenization.Files;

/// <summary>The lines of a text in UTF-8, without their ends; the end of the last line makes no further one.</summary>
internal readonly ref struct Lines(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;

    public Enumerator GetEnumerator() => new(_text);

    /// <summary>Goes from line to line.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            int end = _rest.IndexOf((byte)'\n');
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (Current.EndsWith("\r"u8))
            {
                Current = Current[..^1];
            }

            return true;
        }
    }
}
