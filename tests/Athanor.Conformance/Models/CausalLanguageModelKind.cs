using Athanor.Core.Files;
using Athanor.Models.Checkpoints;
using Athanor.Models.LanguageModels;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.LanguageModels;
using TorchSharp;

namespace Athanor.Conformance.Models;

/// <summary>Logits, hidden states and log-probabilities through the executor, greedy continuations through decoding with a cache.</summary>
public sealed class CausalLanguageModelKind : IConformanceKind
{
    public string Kind => "causal-lm";

    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Fp32, Precision.Fp64, Precision.Fp32Fused];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        FloatType type = precision == Precision.Fp64 ? FloatType.Float64 : FloatType.Float32;
        using Checkpoint checkpoint = Checkpoint.Open(reference.Checkpoint);
        using ITrainableTransformer transformer = precision == Precision.Fp32Fused ? FusedTransformer.Load(checkpoint, type) : AutogradTransformer.Load(checkpoint, type);
        using SafetensorsFile inputs = reference.OpenInputs();
        foreach (string batch in reference.Parameters["batches"]!.AsArray().Select(name => name!.GetValue<string>()))
        {
            RunBatch(batch, inputs, transformer, results, reference.Parameters["greedy_tokens"]!.GetValue<int>());
        }
    }

    private static void RunBatch(string name, SafetensorsFile inputs, ITrainableTransformer transformer, CaseResults results, int greedyTokens)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        IReadOnlyList<long> shape = inputs.Tensors[$"{name}.input_ids"].Shape;
        (int rows, int length) = ((int)shape[0], (int)shape[1]);
        int[] ids = Array.ConvertAll(inputs.ReadIntegers($"{name}.input_ids"), id => (int)id);
        long[] mask = inputs.ReadIntegers($"{name}.attention_mask");
        int[] documents = Array.ConvertAll(mask, seen => seen == 1 ? 0 : -1);
        TokenBatch batch = new(rows, length, ids, documents.Contains(-1) ? documents : default(ReadOnlyMemory<int>));

        void Observe(int layer, torch.Tensor hidden)
        {
            if (name == "plain")
            {
                results.Add<double>($"hidden.{layer}", Values(hidden.detach().narrow(0, 0, length)), length, hidden.shape[1]);
            }
        }

        if (transformer is AutogradTransformer autograd)
        {
            autograd.Forward(batch, Observe);
        }
        else
        {
            FusedTransformer fused = (FusedTransformer)transformer;
            fused.Forward(batch);
            for (int layer = 0; layer <= fused.Plan.Spec.Layers.Count; layer++)
            {
                Observe(layer, fused.Residual(layer));
            }
        }

        torch.Tensor final = transformer.Forward(batch).detach();
        if (name == "plain")
        {
            results.Add<double>("hidden.final_norm", Values(final[0]), length, final.shape[2]);
        }

        torch.Tensor seen = torch.tensor(mask, [rows, length]);
        torch.Tensor logits = ((transformer as AutogradTransformer)?.Logits() ?? ((FusedTransformer)transformer).Logits()) * seen.unsqueeze(2);
        results.Add<double>($"{name}.logits", Values(logits), rows, length, logits.shape[2]);

        long[] targets = new long[rows * length];
        Array.Fill(targets, -1);
        for (int i = 0; i < targets.Length; i++)
        {
            if (i % length < length - 1 && mask[i] == 1 && mask[i + 1] == 1)
            {
                targets[i] = ids[i + 1];
            }
        }

        HeadOutput head = transformer.Head(torch.tensor(targets, [rows, length]));
        results.Add<double>($"{name}.logprobs", Values(head.LogProbability.narrow(1, 0, length - 1)), rows, length - 1);
        results.Add<int>($"{name}.greedy", Greedy(transformer, ids, mask, rows, length, greedyTokens), rows, greedyTokens);
    }

    private static int[] Greedy(ITrainableTransformer transformer, int[] ids, long[] mask, int rows, int length, int count)
    {
        TransformerWeights weights = (transformer as AutogradTransformer)?.Shared ?? ((FusedTransformer)transformer).Shared;
        LanguageModelInfo info = new("reference", weights.Plan.Spec.ContextLength, weights.Plan.Spec.VocabularySize, weights.Plan.Parameters);
        using TorchDecodingBatch decoding = new(new CachedTransformer(weights, rows), info, new DecodingOptions(rows, length + count));
        SequenceInput[] next = new SequenceInput[rows];
        for (int row = 0; row < rows; row++)
        {
            int[] prompt = [.. Enumerable.Range(row * length, length).Where(i => mask[i] == 1).Select(i => ids[i])];
            next[row] = new SequenceInput(decoding.Add(prompt), prompt[^1]);
        }

        LogitsBuffer logits = new(rows, info.VocabularySize);
        int[] greedy = new int[rows * count];
        for (int step = 0; step < count; step++)
        {
            decoding.Step(next, logits);
            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<float> values = logits.Row(row);
                int best = 0;
                for (int token = 1; token < values.Length; token++)
                {
                    best = values[token] > values[best] ? token : best;
                }

                greedy[(row * count) + step] = best;
                next[row] = next[row] with { Token = best };
            }
        }

        return greedy;
    }

    private static double[] Values(torch.Tensor tensor) => tensor.to(torch.ScalarType.Float64).contiguous().data<double>().ToArray();
}
