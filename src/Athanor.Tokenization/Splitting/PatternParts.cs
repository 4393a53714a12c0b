using System.Runtime.CompilerServices;

namespace Athanor.Tokenization.Splitting;

/// <summary>What several of the known expressions have in common.</summary>
internal static class PatternParts
{
    /// <summary><c>'s|'t|'re|'ve|'m|'ll|'d</c> of either case, after the apostrophe: the units it takes, or 0.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The place after the apostrophe.</param>
    /// <param name="longS">Whether ſ, which folds to s, counts as an s: it does under <c>(?i)</c>.</param>
    public static int Contraction<TUnit>(TextUnits<TUnit> text, int at, bool longS)
        where TUnit : unmanaged
    {
        if (at >= text.Length)
        {
            return 0;
        }

        uint first = text[at] | 0x20;
        if (text[at] >= 0x80)
        {
            return longS ? LongS(text, at) : 0;
        }

        if (first is 's' or 't' or 'm' or 'd')
        {
            return 1;
        }

        if (at + 1 >= text.Length || text[at + 1] >= 0x80)
        {
            return 0;
        }

        return (first, text[at + 1] | 0x20) is ('l', 'l') or ('v', 'e') or ('r', 'e') ? 2 : 0;
    }

    /// <summary>
    /// The last place where every one of the expressions cuts, and where what is before is cut in the same way whatever follows the next character: before white space, or before a symbol other than an
    /// apostrophe, behind a letter or number. 0 where there is none.
    /// </summary>
    public static int LastCertainBoundary(ReadOnlySpan<char> text)
    {
        for (int at = text.Length - 1; at > 0; at--)
        {
            // Halves of surrogate pairs are no letters here, and may turn out to be anything
            if (text[at] != '\'' && !char.IsSurrogate(text[at]) && !char.IsSurrogate(text[at - 1])
                && (CharacterClasses.OfPlane0(text[at]) & (CharacterClass.Space | CharacterClass.Other)) != 0
                && (CharacterClasses.OfPlane0(text[at - 1]) & (CharacterClass.Letter | CharacterClass.Number)) != 0)
            {
                return at;
            }
        }

        return 0;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c></summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int SkipSpacesToLineEnd<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged
    {
        int end = start;
        int last = start;
        int afterLineEnd = 0;
        while (end < text.Length)
        {
            CharacterClass found = text.ClassAt(end, out int width);
            if ((found & CharacterClass.Space) == 0)
            {
                break;
            }

            last = end;
            end += width;
            if ((found & CharacterClass.LineEnd) != 0)
            {
                afterLineEnd = end;
            }
        }

        return afterLineEnd > 0 ? afterLineEnd : LeaveOne(text, start, last, end);
    }

    /// <summary><c>\s+(?!\S)|\s+</c></summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int SkipSpaces<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged
    {
        int end = start;
        int last = start;
        while (end < text.Length && (text.ClassAt(end, out int width) & CharacterClass.Space) != 0)
        {
            last = end;
            end += width;
        }

        return LeaveOne(text, start, last, end);
    }

    // The last space before a word belongs to the word
    private static int LeaveOne<TUnit>(TextUnits<TUnit> text, int start, int last, int end)
        where TUnit : unmanaged => end < text.Length && last > start ? last : end;

    private static int LongS<TUnit>(TextUnits<TUnit> text, int at)
        where TUnit : unmanaged
    {
        if (typeof(TUnit) == typeof(char))
        {
            return text[at] == 'ſ' ? 1 : 0;
        }

        return text[at] == 0xC5 && text[at + 1] == 0xBF ? 2 : 0;
    }
}
