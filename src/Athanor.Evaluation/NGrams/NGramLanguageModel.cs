using System.Numerics;
using Athanor.Models.LanguageModels;
using Athanor.Statistics.NGrams;
using Athanor.Tokenization;

namespace Athanor.Evaluation.NGrams;

/// <summary>An n-gram model over a tokenizer's tokens, asked like any other model.</summary>
/// <param name="name">What people call it.</param>
/// <param name="model">The counts.</param>
/// <param name="tokenizer">The tokenizer whose tokens were counted.</param>
public sealed class NGramLanguageModel(string name, NGramModel model, Tokenizer tokenizer) : ILanguageModel
{
    // it looks at a few tokens only, so any length will do; this one bounds what a batch may ask for
    private const int LongestSequence = 1 << 16;

    /// <inheritdoc/>
    public LanguageModelInfo Info { get; } = new(name, LongestSequence, model.VocabularySize, Enumerable.Range(1, model.Order).Sum(model.CountOf));

    /// <inheritdoc/>
    public Tokenizer Tokenizer => tokenizer;

    /// <inheritdoc/>
    public IReadOnlyList<float[]> Score(IReadOnlyList<ScoringRequest> requests, CancellationToken cancellation)
    {
        float[][] scores = new float[requests.Count][];
        double[] row = [];
        for (int request = 0; request < scores.Length; request++)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> tokens = requests[request].Tokens.Span;
            int targets = tokens.Length - requests[request].FirstTarget;
            if (row.Length < targets)
            {
                row = new double[Math.Max(targets, (int)BitOperations.RoundUpToPowerOf2((uint)targets))];
            }

            model.Score(tokens, requests[request].FirstTarget, row.AsSpan(0, targets));
            scores[request] = Array.ConvertAll(row[..targets], value => (float)value);
        }

        return scores;
    }

    /// <inheritdoc/>
    public IDecodingBatch OpenBatch(DecodingOptions options) => new Batch(model, options);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Batch(NGramModel model, DecodingOptions options) : IDecodingBatch
    {
        private readonly Dictionary<int, List<int>> _sequences = [];
        private readonly double[] _probabilities = new double[model.VocabularySize];
        private int _next;

        public SequenceHandle Add(ReadOnlySpan<int> prompt)
        {
            if (prompt.Length > options.MaximumTokens)
            {
                throw new InvalidOperationException($"the prompt has {prompt.Length} tokens, the batch takes {options.MaximumTokens}");
            }

            return Seat([.. prompt[..^1]]);
        }

        public SequenceHandle Fork(SequenceHandle sequence) => Seat([.. _sequences[sequence.Id]]);

        public void Truncate(SequenceHandle sequence, int length)
        {
            List<int> tokens = _sequences[sequence.Id];
            tokens.RemoveRange(length, tokens.Count - length);
        }

        public void Remove(SequenceHandle sequence) => _sequences.Remove(sequence.Id);

        public void Step(ReadOnlySpan<SequenceInput> inputs, LogitsBuffer logits)
        {
            Span<int> context = stackalloc int[model.Order - 1];
            for (int row = 0; row < inputs.Length; row++)
            {
                List<int> tokens = _sequences[inputs[row].Sequence.Id];
                tokens.Add(inputs[row].Token);
                int known = Math.Min(context.Length, tokens.Count);
                for (int index = 0; index < known; index++)
                {
                    context[index] = tokens[tokens.Count - known + index];
                }

                model.Distribution(context[..known], _probabilities);
                Span<float> values = logits.Row(row);
                for (int token = 0; token < values.Length; token++)
                {
                    values[token] = (float)Math.Log(_probabilities[token]);
                }
            }
        }

        public void Dispose() => _sequences.Clear();

        private SequenceHandle Seat(List<int> tokens)
        {
            if (_sequences.Count == options.MaximumSequences)
            {
                throw new InvalidOperationException($"the batch is full: it takes {options.MaximumSequences} sequences");
            }

            _sequences.Add(_next, tokens);
            return new SequenceHandle(_next++);
        }
    }
}
