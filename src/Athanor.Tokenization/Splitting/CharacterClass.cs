namespace Athanor.Tokenization.Splitting;

/// <summary>What the known expressions tell apart in a character; each character has one of them, line ends two.</summary>
[Flags]
internal enum CharacterClass : byte
{
    /// <summary>No class: in the table of ASCII, a unit that begins something longer.</summary>
    None = 0,

    /// <summary><c>\p{Ll}</c></summary>
    Lower = 1,

    /// <summary><c>[\p{Lu}\p{Lt}]</c></summary>
    Upper = 2,

    /// <summary><c>[\p{Lm}\p{Lo}]</c></summary>
    Caseless = 4,

    /// <summary><c>\p{M}</c></summary>
    Mark = 8,

    /// <summary><c>\p{N}</c></summary>
    Number = 16,

    /// <summary><c>\s</c>, the property White_Space</summary>
    Space = 32,

    /// <summary><c>[\r\n]</c>, always with <see cref="Space"/></summary>
    LineEnd = 64,

    /// <summary>All else.</summary>
    Other = 128,

    /// <summary><c>\p{L}</c></summary>
    Letter = Lower | Upper | Caseless,

    /// <summary><c>[^\s\p{L}\p{N}]</c></summary>
    Symbol = Mark | Other,
}
