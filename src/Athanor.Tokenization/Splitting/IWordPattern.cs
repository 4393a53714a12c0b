namespace Athanor.Tokenization.Splitting;

/// <summary>
/// An expression that cuts a whole text into words, written by hand. Static, so that a loop over a text is compiled for each expression with the cutting
/// in place.
/// </summary>
internal interface IWordPattern
{
    /// <summary>Where the word that begins at <paramref name="start"/> ends. Each character is looked at a bounded number of times over all calls.</summary>
    /// <param name="text">The text, which has a character at <paramref name="start"/>.</param>
    /// <param name="start">Where a word ended before, or 0.</param>
    static abstract int Next<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged;
}
