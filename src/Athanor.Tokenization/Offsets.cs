namespace Athanor.Tokenization;

/// <summary>A range of a text.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends; the unit there is no part of it.</param>
public readonly record struct Offsets(int Start, int End)
{
    /// <summary>How many units it covers.</summary>
    public int Length => End - Start;
}
