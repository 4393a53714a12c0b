using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts at white space, which goes, and makes each punctuation character a word (Devlin et al. 2019).</summary>
internal sealed record BertPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        TextCutter.CutAtCharacters(text, CharacterProperties.WhiteSpace, SplitBehavior.Removed);
        TextCutter.CutAtCharacters(text, CharacterProperties.BertPunctuation, SplitBehavior.Isolated);
    }
}
