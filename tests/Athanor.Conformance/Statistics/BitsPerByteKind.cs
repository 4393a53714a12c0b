using Athanor.Statistics.Estimators;

namespace Athanor.Conformance.Statistics;

public sealed class BitsPerByteKind : IConformanceKind
{
    public string Kind => "bits-per-byte";

    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        TextLikelihood likelihood = new();
        string[] texts = [.. reference.Parameters["texts"]!.AsArray().Select(text => text!.GetValue<string>())];
        long[] tokens = [.. reference.Parameters["tokens"]!.AsArray().Select(count => count!.GetValue<long>())];
        double[] nats = [.. reference.Parameters["nll_nats"]!.AsArray().Select(value => value!.GetValue<double>())];
        for (int at = 0; at < texts.Length; at++)
        {
            likelihood.Add(texts[at], tokens[at], nats[at]);
        }

        results.AddValue("tokens", likelihood.Tokens);
        results.AddValue("bytes", likelihood.Bytes);
        results.AddValue("characters", likelihood.Characters);
        results.AddValue("words", likelihood.Words);
        results.AddValue("loss_per_token", likelihood.LossPerToken);
        results.AddValue("token_perplexity", likelihood.TokenPerplexity);
        results.AddValue("word_perplexity", likelihood.WordPerplexity);
        results.AddValue("byte_perplexity", likelihood.BytePerplexity);
        results.AddValue("bits_per_byte", likelihood.BitsPerByte);
        results.AddValue("bits_per_character", likelihood.BitsPerCharacter);
        results.AddValue("bits_per_token", likelihood.BitsPerToken);
    }
}
