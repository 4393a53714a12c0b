using Athanor.Tokenization;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Conformance.Tokenizers;

/// <summary>A tokenizer.json as it is.</summary>
public sealed class TokenizerJsonKind : IConformanceKind
{
    public string Kind => "tokenizer-json";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase input = new(reference);
        EncodingRows.Answer(input, results, Open(input));
    }

    /// <summary>Loads the tokenizer, with truncation and padding off where the parameters say so.</summary>
    internal static Tokenizer Open(TokenizerCase input)
    {
        TokenizerPipeline pipeline = Tokenizer.Load(input.Unpack("tokenizer")).Pipeline;
        if (input.Parameters.TryGetPropertyValue("truncation", out var truncation) && truncation is null)
        {
            pipeline = pipeline with { Truncation = null };
        }

        if (input.Parameters.TryGetPropertyValue("padding", out var padding) && padding is null)
        {
            pipeline = pipeline with { Padding = null };
        }

        return new Tokenizer(pipeline);
    }
}
