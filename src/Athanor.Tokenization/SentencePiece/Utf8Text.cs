namespace Athanor.Tokenization.SentencePiece;

/// <summary>A rewritten text in UTF-8 and, where asked for, the byte of the original each byte came from. Reused from text to text.</summary>
internal sealed class Utf8Text
{
    private byte[] _bytes = new byte[256];
    private int[] _origins = [];
    private bool _withOrigins;

    /// <summary>How many bytes it has.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>For each byte, and for the end, where it came from.</summary>
    public ReadOnlySpan<int> Origins => _withOrigins ? _origins.AsSpan(0, Length + 1) : throw new InvalidOperationException("origins were not asked for");

    /// <summary>Empties it.</summary>
    public void Clear(bool withOrigins)
    {
        Length = 0;
        _withOrigins = withOrigins;
        if (withOrigins && _origins.Length <= _bytes.Length)
        {
            _origins = new int[_bytes.Length + 1];
        }

        SetEnd(0);
    }

    /// <summary>Appends bytes that all came from one place.</summary>
    public void Append(ReadOnlySpan<byte> bytes, int origin)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        if (_withOrigins)
        {
            _origins.AsSpan(Length, bytes.Length).Fill(origin);
        }

        Length += bytes.Length;
    }

    /// <summary>Appends bytes as they stand in the original from a place on.</summary>
    public void Copy(ReadOnlySpan<byte> bytes, int origin)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        for (int i = 0; _withOrigins && i < bytes.Length; i++)
        {
            _origins[Length + i] = origin + i;
        }

        Length += bytes.Length;
    }

    /// <summary>Drops bytes at the end; gives where the first of them came from.</summary>
    public int Shorten(int count)
    {
        Length -= count;
        return _withOrigins ? _origins[Length] : 0;
    }

    /// <summary>Says where the end came from.</summary>
    public void SetEnd(int origin)
    {
        if (_withOrigins)
        {
            _origins[Length] = origin;
        }
    }

    /// <summary>Gives memory back that only a very long text needs.</summary>
    public void Trim()
    {
        if (_bytes.Length > 1 << 24)
        {
            _bytes = new byte[256];
            _origins = [];
            Length = 0;
        }
    }

    private void Reserve(int count)
    {
        if (Length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(Length + count, _bytes.Length * 2));
        }

        if (_withOrigins && _origins.Length <= _bytes.Length)
        {
            Array.Resize(ref _origins, _bytes.Length + 1);
        }
    }
}
