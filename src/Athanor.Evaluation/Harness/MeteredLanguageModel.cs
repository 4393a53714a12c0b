using System.Globalization;
using Athanor.Core.Files;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;

namespace Athanor.Evaluation.Harness;

/// <summary>A model that counts the tokens it takes in.</summary>
/// <param name="model">The model that does the work; it is disposed with this one.</param>
internal sealed class MeteredLanguageModel(ILanguageModel model) : ILanguageModel
{
    private const string CostExtension = ".tokens";

    /// <summary>How many tokens were taken in.</summary>
    public long Tokens { get; private set; }

    /// <summary>Notes beside kept answers what they cost; before the answers themselves, so that answers are never without.</summary>
    /// <param name="answers">The file of the answers.</param>
    /// <param name="before">How many tokens had been taken in before.</param>
    public void Keep(string answers, long before) => AtomicFile.WriteText(answers + CostExtension, (Tokens - before).ToString(CultureInfo.InvariantCulture));

    /// <summary>Counts what kept answers cost, as if they had been given now.</summary>
    public void Remember(string answers)
    {
        string path = answers + CostExtension;
        Tokens += File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out long tokens) ? tokens : 0;
    }

    /// <summary>Floating-point operations of the matrix products: two a weight and token, attention's own left out (Kaplan et al. 2020, section 2.1).</summary>
    public double Flop => 2.0 * Info.Parameters * Tokens;

    /// <inheritdoc/>
    public LanguageModelInfo Info => model.Info;

    /// <inheritdoc/>
    public Tokenizer Tokenizer => model.Tokenizer;

    /// <inheritdoc/>
    public ChatTemplate ChatTemplate => model.ChatTemplate;

    /// <inheritdoc/>
    public IReadOnlyList<float[]> Score(IReadOnlyList<ScoringRequest> requests, CancellationToken cancellation)
    {
        Tokens += requests.Sum(request => (long)request.Tokens.Length);
        return model.Score(requests, cancellation);
    }

    /// <inheritdoc/>
    public IDecodingBatch OpenBatch(DecodingOptions options) => new Batch(this, model.OpenBatch(options));

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private sealed class Batch(MeteredLanguageModel meter, IDecodingBatch batch) : IDecodingBatch
    {
        public SequenceHandle Add(ReadOnlySpan<int> prompt)
        {
            meter.Tokens += prompt.Length - 1;
            return batch.Add(prompt);
        }

        public SequenceHandle Fork(SequenceHandle sequence) => batch.Fork(sequence);

        public void Truncate(SequenceHandle sequence, int length) => batch.Truncate(sequence, length);

        public void Remove(SequenceHandle sequence) => batch.Remove(sequence);

        public void Step(ReadOnlySpan<SequenceInput> inputs, LogitsBuffer logits)
        {
            meter.Tokens += inputs.Length;
            batch.Step(inputs, logits);
        }

        public void Dispose() => batch.Dispose();
    }
}
