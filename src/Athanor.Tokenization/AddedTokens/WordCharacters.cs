using System.Globalization;
using System.Text;

namespace Athanor.Tokenization.AddedTokens;

/// <summary>The characters words are made of, as Rust's regular expressions define <c>\w</c>: alphabetic ones, marks, decimal digits, connectors, joiners (Unicode TS 18, annex C).</summary>
internal static class WordCharacters
{
    /// <summary>Whether the last character is one.</summary>
    public static bool EndsWithOne(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out Rune last, out _) == System.Buffers.OperationStatus.Done && Is(last);

    /// <summary>Whether the first character is one.</summary>
    public static bool StartsWithOne(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out Rune first, out _) == System.Buffers.OperationStatus.Done && Is(first);

    private static bool Is(Rune character) => Rune.GetUnicodeCategory(character) switch
    {
        <= UnicodeCategory.OtherLetter => true,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,

        // Circled and squared letters are alphabetic, though their category is that of symbols; the joiners count too
        UnicodeCategory.OtherSymbol => character.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        UnicodeCategory.Format => character.Value is 0x200C or 0x200D,
        _ => false,
    };
}
