using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Splitting;

/// <summary>Several pre-tokenizers, each cutting the parts that the one before it made.</summary>
/// <param name="PreTokenizers">The pre-tokenizers in order.</param>
internal sealed record PreTokenizerSequence(IReadOnlyList<IPreTokenizer> PreTokenizers) : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        foreach (IPreTokenizer preTokenizer in PreTokenizers)
        {
            preTokenizer.PreTokenize(text);
        }
    }
}
