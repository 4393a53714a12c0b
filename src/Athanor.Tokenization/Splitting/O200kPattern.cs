namespace Athanor.Tokenization.Splitting;

/// <summary>The expression of GPT-4o (o200k) and LLaMA 4, which also cuts where lower case turns into upper case.</summary>
internal readonly struct O200kPattern : IWordPattern
{
    public const string Expression =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        + @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // The two halves of a word; marks and letters without case belong to both
    private const CharacterClass Head = CharacterClass.Upper | CharacterClass.Caseless | CharacterClass.Mark;
    private const CharacterClass Tail = CharacterClass.Lower | CharacterClass.Caseless | CharacterClass.Mark;

    public static int Next<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged
    {
        CharacterClass first = text.ClassAt(start, out int width);
        int at = start + width;
        if ((first & CharacterClass.Letter) != 0)
        {
            // A letter cannot be the optional character before a word
            int end = EndsLow(text, start);
            return Contracted(text, end > 0 ? end : text.Skip(start, Head));
        }

        if (first == CharacterClass.Number)
        {
            for (int digits = 1; digits < 3 && at < text.Length && text.ClassAt(at, out width) == CharacterClass.Number; digits++)
            {
                at += width;
            }

            return at;
        }

        if ((first & CharacterClass.LineEnd) == 0)
        {
            CharacterClass second = at < text.Length ? text.ClassAt(at, out _) : CharacterClass.None;
            if ((second & (Head | Tail)) != 0 || first == CharacterClass.Mark)
            {
                return Word(text, start, at, second, first == CharacterClass.Mark);
            }

            if ((first & CharacterClass.Space) == 0 || (text[start] == ' ' && second == CharacterClass.Other))
            {
                at = text.Skip(at, CharacterClass.Symbol);
                while (at < text.Length && text[at] is '\r' or '\n' or '/')
                {
                    at++;
                }

                return at;
            }
        }

        return PatternParts.SkipSpacesToLineEnd(text, start);
    }

    // A word after a character that is neither letter nor number, which may itself be a mark and then begin the word instead
    private static int Word<TUnit>(TextUnits<TUnit> text, int start, int at, CharacterClass second, bool isMark)
        where TUnit : unmanaged
    {
        int end = (second & (Head | Tail)) != 0 ? EndsLow(text, at) : 0;
        if (end == 0 && isMark)
        {
            end = EndsLow(text, start);
        }

        return Contracted(text, end > 0 ? end : text.Skip(at, Head));
    }

    // Head* Tail+ with what backtracking gives: where nothing of the tail alone follows, the head ends with its last character that is of the tail too
    private static int EndsLow<TUnit>(TextUnits<TUnit> text, int at)
        where TUnit : unmanaged
    {
        int afterShared = 0;
        at = text.SkipAscii(at, CharacterClass.Upper);
        while (at < text.Length)
        {
            CharacterClass found = text.ClassAt(at, out int width);
            if ((found & Head) == 0)
            {
                return (found & Tail) != 0 ? text.Skip(at + width, Tail) : afterShared;
            }

            at += width;
            if ((found & Tail) != 0)
            {
                afterShared = at;
            }
        }

        return afterShared;
    }

    private static int Contracted<TUnit>(TextUnits<TUnit> text, int end)
        where TUnit : unmanaged
    {
        if (end < text.Length && text[end] == '\'')
        {
            int units = PatternParts.Contraction(text, end + 1, longS: true);
            return units > 0 ? end + 1 + units : end;
        }

        return end;
    }
}
