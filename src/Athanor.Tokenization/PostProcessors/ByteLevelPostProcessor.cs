using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.PostProcessors;

/// <summary>Adds no tokens; leaves white space at the ends of byte-level tokens out of their offsets where asked.</summary>
internal sealed record ByteLevelPostProcessor(bool AddPrefixSpace, bool TrimOffsets, bool UseRegex) : IPostProcessor
{
    /// <inheritdoc/>
    public int AddedTokenCount(bool pair) => 0;

    /// <inheritdoc/>
    public IReadOnlyList<EncodedText> Process(IReadOnlyList<EncodedText> encodings, bool addSpecialTokens)
    {
        for (int sequence = 0; sequence < encodings.Count; sequence++)
        {
            if (TrimOffsets)
            {
                Trim(encodings[sequence], AddPrefixSpace);
            }

            encodings[sequence].SetSequence(sequence);
        }

        return encodings;
    }

    /// <summary>Leaves white space out of the offsets of an encoding and of what was cut off it.</summary>
    public static void Trim(EncodedText encoding, bool addPrefixSpace)
    {
        bool first = true;
        encoding.Change(unit =>
        {
            EncodedUnit trimmed = Trim(unit, first, addPrefixSpace);
            first = false;
            return trimmed;
        });
        foreach (EncodedText piece in encoding.Overflowing)
        {
            Trim(piece, addPrefixSpace);
        }
    }

    private static EncodedUnit Trim(EncodedUnit unit, bool first, bool addPrefixSpace)
    {
        string token = unit.Token;
        int leading = 0;
        while (leading < token.Length && IsSpace(token[leading]))
        {
            leading++;
        }

        int trailing = 0;
        while (trailing < token.Length && IsSpace(token[^(trailing + 1)]))
        {
            trailing++;
        }

        // A single space before the first word is the one that was put there: it is no part of the text
        if (leading == 1 && addPrefixSpace && (first || unit.CodePointOffsets.Start == 0))
        {
            leading = 0;
        }

        (int start, int end) = unit.CodePointOffsets;
        start = leading > 0 ? Math.Min(start + leading, end) : start;
        end = trailing > 0 && end >= trailing ? Math.Max(end - trailing, start) : end;
        if (start == unit.CodePointOffsets.Start && end == unit.CodePointOffsets.End)
        {
            return unit;
        }

        // White space is one unit a code point; what ends where the other ends does so in both
        int unitStart = start == unit.CodePointOffsets.End ? unit.Offsets.End : unit.Offsets.Start + (start - unit.CodePointOffsets.Start);
        int unitEnd = end == start ? unitStart : unit.Offsets.End - (unit.CodePointOffsets.End - end);
        return unit with { CodePointOffsets = new Offsets(start, end), Offsets = new Offsets(unitStart, unitEnd) };
    }

    // The space in the byte-level alphabet is U+0120
    private static bool IsSpace(char character) => character == '\u0120' || char.IsWhiteSpace(character);
}
