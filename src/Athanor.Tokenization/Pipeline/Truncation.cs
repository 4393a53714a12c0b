namespace Athanor.Tokenization.Pipeline;

/// <summary>How an encoding that is too long is cut into pieces.</summary>
/// <param name="MaxLength">The most tokens of an encoding, added ones included.</param>
/// <param name="Stride">How many tokens two neighbouring pieces share.</param>
/// <param name="Strategy">Which text of a pair gives way.</param>
/// <param name="Left">Whether the beginning is cut off instead of the end.</param>
internal sealed record Truncation(int MaxLength, int Stride = 0, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, bool Left = false);

/// <summary>Which text of a pair gives way.</summary>
internal enum TruncationStrategy
{
    /// <summary>The longer one down to the length of the other, then both alike.</summary>
    LongestFirst,

    /// <summary>Only the first.</summary>
    OnlyFirst,

    /// <summary>Only the second.</summary>
    OnlySecond,
}
