namespace Athanor.Tokenization.Splitting;

/// <summary>The expression of the tokenizers trained here.</summary>
internal readonly struct AthanorPattern : IWordPattern
{
    /// <summary>
    /// The GPT-4 (cl100k) pattern with two changes: a number is at most two digits and takes the space before it, so that " 0" to " 99" can be single
    /// tokens; and the contractions spell out both cases, because engines disagree on what else folds to <c>s</c>.
    /// </summary>
    public const string Expression =
        @"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static int Next<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged
    {
        CharacterClass first = text.ClassAt(start, out int width);
        int at = start + width;
        if ((first & CharacterClass.Letter) != 0)
        {
            return text.Skip(at, CharacterClass.Letter);
        }

        if (first == CharacterClass.Number)
        {
            return SkipDigit(text, at);
        }

        if ((first & CharacterClass.LineEnd) != 0 || at >= text.Length)
        {
            return (first & CharacterClass.Space) != 0 ? PatternParts.SkipSpacesToLineEnd(text, start) : at;
        }

        if (text[start] == '\'' && PatternParts.Contraction(text, at, longS: false) is int units and > 0)
        {
            return at + units;
        }

        CharacterClass second = text.ClassAt(at, out width);
        if ((second & CharacterClass.Letter) != 0)
        {
            return text.Skip(at + width, CharacterClass.Letter);
        }

        if (text[start] == ' ' && second == CharacterClass.Number)
        {
            return SkipDigit(text, at + width);
        }

        if ((first & CharacterClass.Space) != 0 && (text[start] != ' ' || (second & CharacterClass.Symbol) == 0))
        {
            return PatternParts.SkipSpacesToLineEnd(text, start);
        }

        return text.Skip(text.Skip(at, CharacterClass.Symbol), CharacterClass.LineEnd);
    }

    private static int SkipDigit<TUnit>(TextUnits<TUnit> text, int at)
        where TUnit : unmanaged => at < text.Length && text.ClassAt(at, out int width) == CharacterClass.Number ? at + width : at;
}
