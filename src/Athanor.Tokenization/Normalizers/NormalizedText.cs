using System.Text;

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
    public NormalizedText Slice(int start, int length) =>
        start == 0 && length == Length ? this : new NormalizedText(_text, _start + start, length, _origins, _shift, OriginalOf(start, start + length));

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

    /// <summary>
    /// The text rewritten character by character, in the way of Hugging Face's <c>transform</c>: each new character says what became of the old ones. The
    /// range of the original that the whole came from stays the same.
    /// </summary>
    /// <param name="characters">The new characters.</param>
    /// <param name="removedAtStart">How many of the old characters at the very beginning are gone.</param>
    public NormalizedText Transform(IReadOnlyList<NewCharacter> characters, int removedAtStart = 0)
    {
        StringBuilder text = new(characters.Count);
        List<Offsets> origins = new(characters.Count);
        ReadOnlySpan<char> old = Span;
        int at = 0;
        Skip(old, removedAtStart, ref at);
        foreach ((Rune character, int change) in characters)
        {
            Offsets origin;
            if (change > 0)
            {
                origin = at == 0 ? new Offsets(Original.Start, Original.Start) : OriginOf(at - 1);
            }
            else
            {
                origin = OriginOf(at);
                Skip(old, 1 - change, ref at);
            }

            for (int unit = 0; unit < character.Utf16SequenceLength; unit++)
            {
                origins.Add(origin);
            }

            text.Append(character.ToString());
        }

        return new NormalizedText(text.ToString(), 0, origins.Count, [.. origins], 0, Original);
    }

    /// <inheritdoc/>
    public override string ToString() => _start == 0 && Length == _text.Length ? _text : Span.ToString();

    private static void Skip(ReadOnlySpan<char> text, int characters, ref int at)
    {
        for (; characters > 0 && at < text.Length; characters--)
        {
            at += char.IsHighSurrogate(text[at]) ? 2 : 1;
        }
    }

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

/// <summary>A character of a rewritten text.</summary>
/// <param name="Character">The character.</param>
/// <param name="Change">0: it stands for the next old character; -n: for that and the n after it, which are gone; 1: it is new, beside the one before it.</param>
internal readonly record struct NewCharacter(Rune Character, int Change);
