using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.PostProcessors;

/// <summary><c>[CLS] A [SEP]</c> and <c>[CLS] A [SEP] B [SEP]</c> with the segments 0 and 1 (Devlin et al. 2019).</summary>
internal sealed record BertPostProcessor(SpecialToken Separator, SpecialToken Classifier) : IPostProcessor
{
    /// <inheritdoc/>
    public int AddedTokenCount(bool pair) => pair ? 3 : 2;

    /// <inheritdoc/>
    public IReadOnlyList<EncodedText> Process(IReadOnlyList<EncodedText> encodings, bool addSpecialTokens) =>
        addSpecialTokens ? [.. encodings.Select((encoding, sequence) => Frame(encoding, sequence))] : encodings;

    private EncodedText Frame(EncodedText encoding, int sequence)
    {
        EncodedText framed = sequence == 0
            ? encoding.Framed([Classifier.Unit(0)], [Separator.Unit(0)], 0)
            : encoding.Framed([], [Separator.Unit(1)], 1);
        framed.AddOverflowing(encoding.Overflowing.Select(piece => Frame(piece, sequence)));
        return framed;
    }
}
