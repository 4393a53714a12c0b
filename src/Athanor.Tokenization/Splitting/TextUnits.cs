using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Athanor.Tokenization.Splitting;

/// <summary>
/// A text in UTF-8 or UTF-16 as the splitters read it: units below U+0080 by one look into a small table, others as whole characters. UTF-8 must be valid;
/// an unpaired surrogate counts as U+FFFD.
/// </summary>
/// <typeparam name="TUnit"><see cref="byte"/> or <see cref="char"/>.</typeparam>
internal readonly ref struct TextUnits<TUnit>
    where TUnit : unmanaged
{
    private readonly ref TUnit _first;

    public TextUnits(ReadOnlySpan<TUnit> text)
    {
        _first = ref MemoryMarshal.GetReference(text);
        Length = text.Length;
    }

    /// <summary>The number of units.</summary>
    public int Length { get; }

    /// <summary>The unit at a place, which must be within the text.</summary>
    public uint this[int at]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TUnit) == typeof(byte) ? Unsafe.BitCast<TUnit, byte>(Unsafe.Add(ref _first, at)) : Unsafe.BitCast<TUnit, char>(Unsafe.Add(ref _first, at));
    }

    /// <summary>The class of the character that begins at a place within the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CharacterClass ClassAt(int at, out int width)
    {
        uint unit = this[at];
        if (unit < 0x80)
        {
            width = 1;
            return CharacterClasses.OfAscii(unit);
        }

        return ClassBeyondAscii(at, out width);
    }

    /// <summary>The first place from <paramref name="at"/> on whose character is in none of the classes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Skip(int at, CharacterClass classes)
    {
        while (at < Length)
        {
            uint unit = this[at];
            if (unit >= 0x80)
            {
                return SkipBeyondAscii(at, classes);
            }

            if ((CharacterClasses.OfAscii(unit) & classes) == 0)
            {
                break;
            }

            at++;
        }

        return at;
    }

    /// <summary>As <see cref="Skip"/>, but stops at a unit beyond ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SkipAscii(int at, CharacterClass classes)
    {
        while (at < Length && this[at] is < 0x80 and uint unit && (CharacterClasses.OfAscii(unit) & classes) != 0)
        {
            at++;
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int SkipBeyondAscii(int at, CharacterClass classes)
    {
        while (at < Length && (ClassAt(at, out int width) & classes) != 0)
        {
            at += width;
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private CharacterClass ClassBeyondAscii(int at, out int width)
    {
        uint unit = this[at];
        if (typeof(TUnit) == typeof(char))
        {
            width = 1;
            if (!char.IsSurrogate((char)unit))
            {
                return CharacterClasses.OfPlane0(unit);
            }

            if (char.IsHighSurrogate((char)unit) && at + 1 < Length && char.IsLowSurrogate((char)this[at + 1]))
            {
                width = 2;
                return CharacterClasses.Of(char.ConvertToUtf32((char)unit, (char)this[at + 1]));
            }

            return CharacterClass.Other;
        }

        if (unit < 0xE0)
        {
            width = 2;
            return CharacterClasses.OfPlane0(((unit & 0x1F) << 6) | (this[at + 1] & 0x3F));
        }

        if (unit < 0xF0)
        {
            width = 3;
            return CharacterClasses.OfPlane0(((unit & 0xF) << 12) | ((this[at + 1] & 0x3F) << 6) | (this[at + 2] & 0x3F));
        }

        width = 4;
        return CharacterClasses.Of((int)(((unit & 7) << 18) | ((this[at + 1] & 0x3F) << 12) | ((this[at + 2] & 0x3F) << 6) | (this[at + 3] & 0x3F)));
    }
}
