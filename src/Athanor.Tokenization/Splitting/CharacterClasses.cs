using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Athanor.Tokenization.Splitting;

/// <summary>The class of every character: a table for the first plane, whose first part is ASCII; .NET's own data beyond.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Plane0 = Build();

    // The values of CharacterClass, held against the general table by a test: in the assembly's data, so that a look needs no load of a reference
    private static ReadOnlySpan<byte> Ascii =>
    [
        128, 128, 128, 128, 128, 128, 128, 128, 128, 32, 96, 32, 32, 96, 128, 128,
        128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
        32, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
        16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 128, 128, 128, 128, 128, 128,
        128, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
        2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 128, 128, 128, 128, 128,
        128, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 128, 128, 128, 128, 128,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterClass OfPlane0(uint code) => Plane0[(int)code];

    /// <summary>The class of a character below U+0080.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterClass OfAscii(uint code) => (CharacterClass)Unsafe.Add(ref MemoryMarshal.GetReference(Ascii), code);

    public static CharacterClass Of(int code) => CharUnicodeInfo.GetUnicodeCategory(code) switch
    {
        UnicodeCategory.LowercaseLetter => CharacterClass.Lower,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Upper,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Caseless,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Mark,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ when code is '\r' or '\n' => CharacterClass.Space | CharacterClass.LineEnd,
        _ when code <= char.MaxValue && char.IsWhiteSpace((char)code) => CharacterClass.Space,
        _ => CharacterClass.Other,
    };

    private static CharacterClass[] Build()
    {
        CharacterClass[] classes = new CharacterClass[char.MaxValue + 1];
        for (int code = 0; code < classes.Length; code++)
        {
            classes[code] = Of(code);
        }

        return classes;
    }
}
