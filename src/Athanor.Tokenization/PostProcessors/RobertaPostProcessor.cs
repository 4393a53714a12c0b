using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.PostProcessors;

/// <summary><c>&lt;s&gt; A &lt;/s&gt;</c> and <c>&lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;</c>, all in segment 0 (Liu et al. 2019).</summary>
internal sealed record RobertaPostProcessor(SpecialToken Separator, SpecialToken Classifier, bool TrimOffsets, bool AddPrefixSpace) : IPostProcessor
{
    /// <inheritdoc/>
    public int AddedTokenCount(bool pair) => pair ? 4 : 2;

    /// <inheritdoc/>
    public IReadOnlyList<EncodedText> Process(IReadOnlyList<EncodedText> encodings, bool addSpecialTokens)
    {
        foreach (EncodedText encoding in encodings)
        {
            if (TrimOffsets)
            {
                ByteLevelPostProcessor.Trim(encoding, AddPrefixSpace);
            }

            encoding.Change(unit => unit with { TypeId = 0 });
        }

        return addSpecialTokens ? [.. encodings.Select((encoding, sequence) => Frame(encoding, sequence))] : encodings;
    }

    private EncodedText Frame(EncodedText encoding, int sequence)
    {
        EncodedText framed = encoding.Framed([(sequence == 0 ? Classifier : Separator).Unit(0)], [Separator.Unit(0)], sequence);
        framed.AddOverflowing(encoding.Overflowing.Select(piece =>
        {
            piece.Change(unit => unit with { TypeId = 0 });
            return Frame(piece, sequence);
        }));
        return framed;
    }
}
