using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts at white space, which goes.</summary>
internal sealed record WhitespaceSplitPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) => TextCutter.CutAtCharacters(text, CharacterProperties.WhiteSpace, SplitBehavior.Removed);
}
