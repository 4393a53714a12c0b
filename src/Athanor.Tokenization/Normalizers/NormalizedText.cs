using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Normalizers;

/// <summary>
/// A text, or a part of one, with the range of the original that each of its UTF-16 units came from. Immutable; parts share memory with the whole. Both
/// halves of a surrogate pair have the same range, and there is no unpaired surrogate.
/// </summary>
internal sealed class NormalizedText
{
    private readonly string _text;
    private readonly int _start;

    // Ranges by the unit of _text; null where nothing was rewritten: then unit i came from its own character, _shift units later in the original
    private readonly Offsets[]? _origins;
    private readonly int _shift;

    private NormalizedText(string text, int start, int length, Offsets[]? origins, int shift, Offsets original)
    {
        _text = text;
        _start = start;
        Length = length;
        _origins = origins;
        _shift = shift;
        Original = original;
    }

    /// <summary>The length in UTF-16 units.</summary>
    public int Length { get; }

    /// <summary>Whether nothing is left.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The units.</summary>
    public ReadOnlySpan<char> Span => _text.AsSpan(_start, Length);

    /// <summary>The range of the original, in UTF-16 units, that this text was before anything was rewritten.</summary>
    public Offsets Original { get; }

    /// <summary>Takes a text as it is; unpaired surrogates become U+FFFD.</summary>
    public static NormalizedText From(string text)
    {
        if (FirstUnpaired(text) is int broken and >= 0)
        {
            char[] mended = text.ToCharArray();
            while (broken < mended.Length)
            {
                mended[broken++] = '\uFFFD';
                int next = FirstUnpaired(mended.AsSpan(broken));
                broken = next < 0 ? mended.Length : broken + next;
            }

            text = new string(mended);
        }

        return new NormalizedText(text, 0, text.Length, null, 0, new Offsets(0, text.Length));
    }

    /// <summary>A rewritten text and, for each of its units, the range of the original it came from.</summary>
    public static NormalizedText From(string text, Offsets[] origins, Offsets original) => new(text, 0, text.Length, origins, 0, original);

    /// <summary>A part of it. The place must not divide a surrogate pair.</summary>
    public NormalizedText Slice(int start, int length)
    {
        // A part's original is only what its units came from: of a text without its white space at the ends, even a part that is all of it has a smaller one
        Offsets original = OriginalOf(start, start + length);
        return start == 0 && length == Length && original == Original ? this : new NormalizedText(_text, _start + start, length, _origins, _shift, original);
    }

    /// <summary>The range of the original that the units from <paramref name="start"/> up to <paramref name="end"/> came from.</summary>
    public Offsets OriginalOf(int start, int end)
    {
        // Hugging Face: an empty range keeps its place, counted from where this text begins in the original
        if (start >= end)
        {
            return new Offsets(Original.Start + start, Original.Start + end);
        }

        return new Offsets(OriginOf(start).Start, OriginOf(end - 1).End);
    }

    /// <summary>The range of the original that a unit came from.</summary>
    public Offsets OriginOf(int unit)
    {
        int at = _start + unit;
        if (_origins is not null)
        {
            return _origins[at];
        }

        int place = at + _shift;
        return char.IsHighSurrogate(_text[at]) ? new Offsets(place, place + 2)
            : char.IsLowSurrogate(_text[at]) ? new Offsets(place - 1, place + 1)
            : new Offsets(place, place + 1);
    }

    /// <summary>The text with something in front of it, which stands for its first character. An empty text stays empty.</summary>
    public NormalizedText Prepend(string prefix)
    {
        if (IsEmpty || prefix.Length == 0)
        {
            return this;
        }

        Offsets[] origins = new Offsets[prefix.Length + Length];
        origins.AsSpan(0, prefix.Length).Fill(OriginOf(0));
        CopyOrigins(0, Length, origins.AsSpan(prefix.Length));
        return new NormalizedText(string.Concat(prefix, Span), 0, origins.Length, origins, 0, Original);
    }

    /// <summary>
    /// The text with each match of a pattern replaced. What is put there stands for the last unit of the match; for an empty match, for the unit before
    /// it, and at the very beginning for nothing.
    /// </summary>
    public NormalizedText Replace(TextPattern pattern, string content)
    {
        if (IsEmpty)
        {
            return this;
        }

        List<TextMatch> matches = [];
        pattern.FindMatches(Span, matches);
        if (matches.Count == 0)
        {
            return this;
        }

        int length = Length;
        foreach (TextMatch match in matches)
        {
            length += content.Length - (match.End - match.Start);
        }

        char[] text = new char[length];
        Offsets[] origins = new Offsets[length];
        int at = 0, end = 0;
        foreach (TextMatch match in matches)
        {
            Span[end..match.Start].CopyTo(text.AsSpan(at));
            CopyOrigins(end, match.Start, origins.AsSpan(at));
            at += match.Start - end;
            content.CopyTo(text.AsSpan(at));
            origins.AsSpan(at, content.Length).Fill(match.End == 0 ? new Offsets(Original.Start, Original.Start) : OriginOf(match.End - 1));
            at += content.Length;
            end = match.End;
        }

        Span[end..].CopyTo(text.AsSpan(at));
        CopyOrigins(end, Length, origins.AsSpan(at));
        return new NormalizedText(new string(text), 0, length, origins, 0, Original);
    }

    /// <summary>The text rewritten: what <see cref="TextRewriter"/> was told, with the origins it worked out.</summary>
    internal NormalizedText Rewritten(ReadOnlySpan<char> text, ReadOnlySpan<Offsets> origins) => new(text.ToString(), 0, text.Length, origins.ToArray(), 0, Original);

    /// <summary>Copies the origins of a range of units.</summary>
    internal void CopyOrigins(int start, int end, Span<Offsets> destination)
    {
        if (_origins is not null)
        {
            _origins.AsSpan(_start + start, end - start).CopyTo(destination);
            return;
        }

        for (int unit = start; unit < end; unit++)
        {
            destination[unit - start] = OriginOf(unit);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _start == 0 && Length == _text.Length ? _text : Span.ToString();

    private static int FirstUnpaired(ReadOnlySpan<char> text)
    {
        for (int at = text.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
            {
                continue;
            }

            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
            {
                return at;
            }

            at++;
        }

        return -1;
    }
}
