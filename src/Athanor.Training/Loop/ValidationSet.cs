using Athanor.Core.Artifacts;
using Athanor.Tokenization;
using Athanor.Torch.Executors;
using Athanor.Training.Data;
using TorchSharp;

namespace Athanor.Training.Loop;

/// <summary>
/// Fixed windows of the validation split, the same in every run: of each part, rows evenly spaced over its documents in their order. Measures, in each part, the loss
/// in nats a target and bits per byte, that is the targets' −log₂ p over the bytes they stand for. Special tokens stand for no text and count in neither.
/// </summary>
public sealed class ValidationSet
{
    private readonly List<Part> _parts = [];

    /// <summary>Reads the windows.</summary>
    /// <param name="tokens">The tokens artifact.</param>
    /// <param name="parts">Which parts; those without a validation split are left out.</param>
    /// <param name="tokenizer">Tells how many bytes a token stands for.</param>
    /// <param name="settings">How rows are laid and what counts: as in training.</param>
    /// <param name="rows">At most so many rows of each part.</param>
    public ValidationSet(Artifact tokens, IEnumerable<string> parts, Tokenizer tokenizer, BatchSettings settings, int rows)
    {
        int[] bytes = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.IsSpecial(id) ? 0 : tokenizer.BytesOf(id).Length)];
        foreach (string name in parts.Intersect(TokenPart.NamesIn(tokens, CorpusLayout.Validation)).Order(StringComparer.Ordinal))
        {
            using TokenPart part = TokenPart.Open(tokens, CorpusLayout.Validation, name);
            if (part.Tokens < 2)
            {
                continue;
            }

            RowSource source = MixedBatches.SourceOf(part, settings, random: null);
            long count = Math.Min(rows, source.RowsAnEpoch);
            TokenRow[] windows = new TokenRow[count];
            for (long i = 0; i < count; i++)
            {
                windows[i] = new TokenRow(settings.ContextLength + 1);
                source.Read(i * source.RowsAnEpoch / count, windows[i]);
                Span<int> mask = windows[i].Mask;
                for (int j = 0; j < mask.Length; j++)
                {
                    mask[j] = bytes[windows[i].Tokens[j]] == 0 ? 0 : mask[j];
                }
            }

            TrainingBatch[] batches = [.. windows.Chunk(settings.MicroBatchRows).Select(chunk => TrainingBatch.From(chunk, settings.AttentionAcrossDocuments)).Where(batch => batch.TargetCount > 0)];
            if (batches.Length > 0)
            {
                _parts.Add(new Part(name, batches, batches.Sum(batch => (long)batch.TargetCount), batches.Sum(batch => BytesOf(batch, bytes))));
            }
        }
    }

    /// <summary>The parts that are measured.</summary>
    public IEnumerable<string> Parts => _parts.Select(part => part.Name);

    /// <summary>Measures a model: <c>validation/PART/loss</c> and <c>validation/PART/bits_per_byte</c>.</summary>
    public IReadOnlyDictionary<string, double> Measure(ITrainableTransformer model, CancellationToken cancellation)
    {
        Dictionary<string, double> values = [];
        foreach (Part part in _parts)
        {
            double nats = 0;
            foreach (TrainingBatch batch in part.Batches)
            {
                cancellation.ThrowIfCancellationRequested();
                using IDisposable noGradient = torch.no_grad();
                using DisposeScope scope = torch.NewDisposeScope();
                model.Forward(batch.Tokens);
                HeadOutput output = model.Head(TrainingStep.TargetsOf(model, batch));
                // places without a target are zero
                nats -= output.LogProbability.to_type(torch.ScalarType.Float64).sum().item<double>();
            }

            values[$"validation/{part.Name}/loss"] = nats / part.Targets;
            values[$"validation/{part.Name}/bits_per_byte"] = nats / (Math.Log(2) * part.Bytes);
        }

        return values;
    }

    private static long BytesOf(TrainingBatch batch, int[] bytes)
    {
        long sum = 0;
        foreach (long target in batch.Targets.Span)
        {
            sum += target < 0 ? 0 : bytes[target];
        }

        return sum;
    }

    private sealed record Part(string Name, TrainingBatch[] Batches, long Targets, long Bytes);
}
