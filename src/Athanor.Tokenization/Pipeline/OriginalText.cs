using System.Text;

namespace Athanor.Tokenization.Pipeline;

/// <summary>Turns places of a text from one unit into another: UTF-16 units, code points, UTF-8 bytes.</summary>
internal sealed class OriginalText
{
    private readonly string _text;
    private readonly bool _isAscii;

    // Code points before each UTF-16 unit, and for each UTF-8 byte the code point it is in; made when asked for
    private int[]? _codePoints;
    private int[]? _codePointOfByte;

    public OriginalText(string text)
    {
        _text = text;
        _isAscii = Ascii.IsValid(text);
    }

    /// <summary>A range of UTF-16 units in code points.</summary>
    public Offsets CodePoints(Offsets units)
    {
        if (_isAscii)
        {
            return units;
        }

        _codePoints ??= CountCodePoints();
        return new Offsets(_codePoints[Math.Min(units.Start, _text.Length)], _codePoints[Math.Min(units.End, _text.Length)]);
    }

    /// <summary>
    /// A range of bytes in code points, for ranges that need not be any of the text's: what Hugging Face makes of a token whose length in bytes is not that of its text. A place
    /// outside the text stays as it is.
    /// </summary>
    public Offsets CodePointsOfBytes(int start, int end)
    {
        _codePointOfByte ??= [.. _text.EnumerateRunes().SelectMany((rune, index) => Enumerable.Repeat(index, rune.Utf8SequenceLength))];
        if ((uint)start >= (uint)_codePointOfByte.Length)
        {
            return new Offsets(start, end);
        }

        int first = _codePointOfByte[start];
        if ((uint)end < (uint)_codePointOfByte.Length)
        {
            return new Offsets(first, _codePointOfByte[end]);
        }

        return new Offsets(first, (uint)(end - 1) < (uint)_codePointOfByte.Length ? _codePointOfByte[end - 1] + 1 : first + 2);
    }

    /// <summary>A range of code points in UTF-16 units; what is beyond the end is the end.</summary>
    public Offsets Units(Offsets codePoints) => new(UnitOf(codePoints.Start), UnitOf(codePoints.End));

    /// <summary>How many bytes of UTF-8 stand before a UTF-16 unit.</summary>
    public int BytesBefore(int unit) => Encoding.UTF8.GetByteCount(_text.AsSpan(0, unit));

    private int UnitOf(int codePoint)
    {
        if (_isAscii)
        {
            return Math.Min(codePoint, _text.Length);
        }

        _codePoints ??= CountCodePoints();
        int unit = Array.BinarySearch(_codePoints, codePoint);
        return unit < 0 ? _text.Length : unit > 0 && _codePoints[unit - 1] == codePoint ? unit - 1 : unit;
    }

    private int[] CountCodePoints()
    {
        int[] counts = new int[_text.Length + 1];
        int count = 0;
        for (int at = 0; at < _text.Length; at++)
        {
            counts[at] = count;
            if (!char.IsHighSurrogate(_text[at]))
            {
                count++;
            }
        }

        counts[_text.Length] = count;
        return counts;
    }
}
