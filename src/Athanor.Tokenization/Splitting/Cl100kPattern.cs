using System.Runtime.CompilerServices;

namespace Athanor.Tokenization.Splitting;

/// <summary>The expression of GPT-4 (cl100k) and LLaMA 3.</summary>
internal readonly struct Cl100kPattern : IWordPattern
{
    public const string Expression =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static int Next<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged => Next(text, start, 3);

    /// <summary>The expression with another length of numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Next<TUnit>(TextUnits<TUnit> text, int start, int digits)
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
            return SkipNumber(text, at, digits);
        }

        if ((first & CharacterClass.LineEnd) != 0 || at >= text.Length)
        {
            return (first & CharacterClass.Space) != 0 ? PatternParts.SkipSpacesToLineEnd(text, start) : at;
        }

        if (text[start] == '\'' && PatternParts.Contraction(text, at, longS: true) is int units and > 0)
        {
            return at + units;
        }

        CharacterClass second = text.ClassAt(at, out width);
        if ((second & CharacterClass.Letter) != 0)
        {
            return text.Skip(at + width, CharacterClass.Letter);
        }

        if ((first & CharacterClass.Space) != 0 && (text[start] != ' ' || (second & CharacterClass.Symbol) == 0))
        {
            return PatternParts.SkipSpacesToLineEnd(text, start);
        }

        return text.Skip(text.Skip(at, CharacterClass.Symbol), CharacterClass.LineEnd);
    }

    private static int SkipNumber<TUnit>(TextUnits<TUnit> text, int at, int digits)
        where TUnit : unmanaged
    {
        while (--digits > 0 && at < text.Length && text.ClassAt(at, out int width) == CharacterClass.Number)
        {
            at += width;
        }

        return at;
    }
}
