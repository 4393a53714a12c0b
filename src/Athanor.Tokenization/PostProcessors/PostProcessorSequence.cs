using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.PostProcessors;

/// <summary>Several post-processors, one after the other.</summary>
internal sealed record PostProcessorSequence(IReadOnlyList<IPostProcessor> Parts) : IPostProcessor
{
    /// <inheritdoc/>
    public int AddedTokenCount(bool pair) => Parts.Sum(part => part.AddedTokenCount(pair));

    /// <inheritdoc/>
    public IReadOnlyList<EncodedText> Process(IReadOnlyList<EncodedText> encodings, bool addSpecialTokens) =>
        Parts.Aggregate(encodings, (row, part) => part.Process(row, addSpecialTokens));
}
