using System.Globalization;
using System.Text;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>What kind of character a code point is, as llama.cpp's tables have it (general categories of Unicode 15.1).</summary>
[Flags]
internal enum CodePointClass : ushort
{
    /// <summary>Outside of the text.</summary>
    None = 0,

    /// <summary>Not assigned (Cn).</summary>
    Undefined = 1,

    /// <summary>N.</summary>
    Number = 2,

    /// <summary>L.</summary>
    Letter = 4,

    /// <summary>Z.</summary>
    Separator = 8,

    /// <summary>M.</summary>
    Mark = 16,

    /// <summary>P.</summary>
    Punctuation = 32,

    /// <summary>S.</summary>
    Symbol = 64,

    /// <summary>C without Cn.</summary>
    Control = 128,

    /// <summary>The property White_Space, beside the category.</summary>
    WhiteSpace = 256,
}

/// <summary>Looks up <see cref="CodePointClass"/> and lower case.</summary>
internal static class CodePointClasses
{
    // Assigned by Unicode 16, which the runtime knows and llama.cpp does not: first and last code points
    private static readonly int[] Newer =
    [
        0x897, 0x897, 0x1B4E, 0x1B4F, 0x1B7F, 0x1B7F, 0x1C89, 0x1C8A, 0x2427, 0x2429, 0x31E4, 0x31E5, 0xA7CB, 0xA7CD, 0xA7DA, 0xA7DC, 0x105C0, 0x105F3,
        0x10D40, 0x10D65, 0x10D69, 0x10D85, 0x10D8E, 0x10D8F, 0x10EC2, 0x10EC4, 0x10EFC, 0x10EFC, 0x11380, 0x11389, 0x1138B, 0x1138B, 0x1138E, 0x1138E,
        0x11390, 0x113B5, 0x113B7, 0x113C0, 0x113C2, 0x113C2, 0x113C5, 0x113C5, 0x113C7, 0x113CA, 0x113CC, 0x113D5, 0x113D7, 0x113D8, 0x113E1, 0x113E2,
        0x116D0, 0x116E3, 0x11BC0, 0x11BE1, 0x11BF0, 0x11BF9, 0x11F5A, 0x11F5A, 0x13460, 0x143FA, 0x16100, 0x16139, 0x16D40, 0x16D79, 0x18CFF, 0x18CFF,
        0x1CC00, 0x1CCF9, 0x1CD00, 0x1CEB3, 0x1E5D0, 0x1E5FA, 0x1E5FF, 0x1E5FF, 0x1F8B2, 0x1F8BB, 0x1F8C0, 0x1F8C1, 0x1FA89, 0x1FA89, 0x1FA8F, 0x1FA8F,
        0x1FABE, 0x1FABE, 0x1FAC6, 0x1FAC6, 0x1FADC, 0x1FADC, 0x1FADF, 0x1FADF, 0x1FAE9, 0x1FAE9, 0x1FBCB, 0x1FBEF,
    ];

    private static readonly CodePointClass[] Plane0 = [.. Enumerable.Range(0, 0x10000).Select(Compute)];

    /// <summary>The class of a code point.</summary>
    public static CodePointClass Of(int codePoint) => codePoint < Plane0.Length ? Plane0[codePoint] : Compute(codePoint);

    /// <summary>The simple lower-case mapping of UnicodeData.txt.</summary>
    public static int Lower(int codePoint) => codePoint switch
    {
        >= 'A' and <= 'Z' => codePoint + 32,
        < 0x80 => codePoint,
        // The runtime leaves it alone, because its full mapping is two characters
        0x130 => 'i',
        _ => Rune.IsValid(codePoint) && !IsNewer(codePoint) ? Rune.ToLowerInvariant(new Rune(codePoint)).Value : codePoint,
    };

    /// <summary>Whether llama.cpp counts a code point as Han.</summary>
    public static bool IsHan(int codePoint) => codePoint is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2EBEF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private static CodePointClass Compute(int codePoint)
    {
        if (IsNewer(codePoint))
        {
            return CodePointClass.Undefined;
        }

        CodePointClass category = CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            <= UnicodeCategory.OtherLetter => CodePointClass.Letter,
            <= UnicodeCategory.EnclosingMark => CodePointClass.Mark,
            <= UnicodeCategory.OtherNumber => CodePointClass.Number,
            <= UnicodeCategory.ParagraphSeparator => CodePointClass.Separator,
            <= UnicodeCategory.PrivateUse => CodePointClass.Control,
            <= UnicodeCategory.OtherPunctuation => CodePointClass.Punctuation,
            <= UnicodeCategory.OtherSymbol => CodePointClass.Symbol,
            _ => CodePointClass.Undefined,
        };
        return codePoint < 0x10000 && char.IsWhiteSpace((char)codePoint) ? category | CodePointClass.WhiteSpace : category;
    }

    private static bool IsNewer(int codePoint)
    {
        if (codePoint < Newer[0])
        {
            return false;
        }

        int at = Array.BinarySearch(Newer, codePoint);
        return at >= 0 || (~at & 1) == 1;
    }
}
