using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts at punctuation; ASCII's symbols are punctuation too.</summary>
/// <param name="Behavior">What happens to it.</param>
internal sealed record PunctuationPreTokenizer(SplitBehavior Behavior = SplitBehavior.Isolated) : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) => TextCutter.CutAtCharacters(text, CharacterProperties.BertPunctuation, Behavior);
}
