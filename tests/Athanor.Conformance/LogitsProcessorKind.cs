using System.Text.Json.Nodes;
using Athanor.Core.Files;
using Athanor.Generation.Processors;

namespace Athanor.Conformance;

/// <summary>Reshaping, penalising and removing logits before the next token is chosen.</summary>
public sealed class LogitsProcessorKind : IConformanceKind
{
    public string Kind => "logits-processor";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using SafetensorsFile inputs = reference.OpenInputs();
        float[] logits = inputs.ReadSingles("logits");
        JsonArray contexts = reference.Parameters["contexts"]!.AsArray();
        JsonObject[] chain = [.. reference.Parameters["chain"]!.AsArray().Select(step => step!.AsObject())];
        ILogitsProcessor[] processors = [.. chain.Select(Create)];
        int promptLength = chain.Select(step => (int?)step["prompt_length"]).FirstOrDefault(length => length is not null) ?? 0;
        int vocabularySize = logits.Length / contexts.Count;
        double[] probabilities = new double[logits.Length];
        for (int row = 0; row < contexts.Count; row++)
        {
            Span<float> ofRow = logits.AsSpan(row * vocabularySize, vocabularySize);
            int[] context = Integers(contexts[row]!);
            foreach (ILogitsProcessor processor in processors)
            {
                processor.Process(ofRow, new DecodingContext(context, promptLength));
            }

            double logSum = LogitsMath.LogSumExp(ofRow);
            for (int token = 0; token < vocabularySize; token++)
            {
                probabilities[(row * vocabularySize) + token] = Math.Exp(ofRow[token] - logSum);
            }
        }

        results.Add<double>("probabilities", probabilities, contexts.Count, vocabularySize);
        results.Add<long>("kept", Array.ConvertAll(probabilities, probability => probability > 0 ? 1L : 0L), contexts.Count, vocabularySize);
    }

    private static ILogitsProcessor Create(JsonObject step) => (string)step["processor"]! switch
    {
        "temperature" => new Temperature((double)step["temperature"]!),
        "top-k" => new TopK((int)step["k"]!),
        "top-p" => new TopP((double)step["p"]!),
        "min-p" => new MinP((double)step["min_p"]!),
        "typical" => new Typical((double)step["mass"]!),
        "epsilon" => new EpsilonCutoff((double)step["epsilon"]!),
        "eta" => new EtaCutoff((double)step["epsilon"]!),
        "repetition" => new RepetitionPenalty((double)step["penalty"]!),
        "presence-frequency" => new PresenceFrequencyPenalty((double)step["presence"]!, (double)step["frequency"]!),
        "no-repeat-ngram" => new NoRepeatNgram((int)step["n"]!),
        "bad-words" => new BadWords([.. step["sequences"]!.AsArray().Select(sequence => Integers(sequence!))]),
        "min-length" => new MinimumLength((int)step["min_length"]!, Integers(step["eos"]!)),
        "min-new-tokens" => new MinimumNewTokens((int)step["min_new_tokens"]!, Integers(step["eos"]!)),
        string name => throw new InvalidDataException($"unknown processor {name}"),
    };

    private static int[] Integers(JsonNode node) => node is JsonArray list ? [.. list.Select(item => (int)item!)] : [(int)node];
}
