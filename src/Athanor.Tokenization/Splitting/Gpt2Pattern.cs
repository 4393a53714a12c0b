namespace Athanor.Tokenization.Splitting;

/// <summary>The expression of GPT-2 (Radford et al. 2019), and of p50k and ByteLevel.</summary>
internal readonly struct Gpt2Pattern : IWordPattern
{
    public const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static int Next<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged
    {
        CharacterClass first = text.ClassAt(start, out int width);
        int at = start + width;
        if ((first & CharacterClass.Space) != 0)
        {
            if (text[start] != ' ' || at >= text.Length)
            {
                return PatternParts.SkipSpaces(text, start);
            }

            first = text.ClassAt(at, out width);
            if ((first & CharacterClass.Space) != 0)
            {
                return PatternParts.SkipSpaces(text, start);
            }

            at += width;
        }
        else if (text[start] == '\'' && Contraction(text, at) is int units and > 0)
        {
            return at + units;
        }

        if ((first & CharacterClass.Letter) != 0)
        {
            return text.Skip(at, CharacterClass.Letter);
        }

        return text.Skip(at, first == CharacterClass.Number ? CharacterClass.Number : CharacterClass.Symbol);
    }

    // Lower case alone
    private static int Contraction<TUnit>(TextUnits<TUnit> text, int at)
        where TUnit : unmanaged
    {
        int units = PatternParts.Contraction(text, at, longS: false);
        for (int letter = 0; letter < units; letter++)
        {
            if (text[at + letter] is >= 'A' and <= 'Z')
            {
                return 0;
            }
        }

        return units;
    }
}
