using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Sets numbers of any script (general category N) apart from the rest.</summary>
/// <param name="Individual">Whether each digit is a word by itself.</param>
internal sealed record DigitsPreTokenizer(bool Individual = false) : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) =>
        TextCutter.CutAtCharacters(text, CharacterProperties.Numeric, Individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
}
