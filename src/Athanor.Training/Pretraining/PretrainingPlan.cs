using Athanor.Models.Specifications;
using Athanor.Training.Rules;

namespace Athanor.Training.Pretraining;

/// <summary>A pre-training spelled out: what the rules and the settings give.</summary>
public sealed record PretrainingPlan
{
    /// <summary>The model.</summary>
    public required ModelPlan Model { get; init; }

    /// <summary>Floating-point operations to train on one token.</summary>
    public required double FlopPerToken { get; init; }

    /// <summary>Rows of an update.</summary>
    public required int BatchRows { get; init; }

    /// <summary>Rows that go through the model at once.</summary>
    public required int MicroBatchRows { get; init; }

    /// <summary>Updates.</summary>
    public required long Steps { get; init; }

    /// <summary>The rate of hidden matrices.</summary>
    public required double MatrixLearningRate { get; init; }

    /// <summary>The rate of the rest.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The share of the updates in which the rate rises.</summary>
    public required double WarmupShare { get; init; }

    /// <summary>The last rate as a share of the highest.</summary>
    public required double FinalShare { get; init; }

    /// <summary>Every derived value.</summary>
    public required IReadOnlyList<DerivedValue> Derived { get; init; }

    /// <summary>Positions of an update.</summary>
    public long BatchTokens => (long)BatchRows * Model.Spec.ContextLength;

    /// <summary>Tokens in all.</summary>
    public long Tokens => Steps * BatchTokens;

    /// <summary>Floating-point operations in all.</summary>
    public double Flop => Tokens * FlopPerToken;

    /// <summary>Applies the rules.</summary>
    /// <exception cref="Core.Errors.AthanorException">The settings describe no possible model.</exception>
    public static PretrainingPlan From(PretrainSettings settings, int vocabularySize)
    {
        ScalingRules rules = new();
        int width = rules.Width(settings.Width, settings.Depth);
        int heads = rules.Heads(settings.Heads, width);
        int keyValueHeads = rules.KeyValueHeads(settings.KeyValueHeads, heads);
        int feedForward = rules.FeedForwardSize(settings.FeedForwardSize, width);
        TransformerSpec spec = TransformerSpec.Llama(vocabularySize, settings.ContextLength, width, settings.Depth, heads, keyValueHeads, Math.Max(1, width / heads), feedForward, settings.TiedHead, settings.RotaryBase) with
        {
            InitializerRange = settings.InitializerRange,
        };
        if (width % heads != 0 || spec.Faults() is [_, ..])
        {
            string fault = width % heads != 0 ? $"a width of {width} cannot be shared evenly by {heads} heads" : spec.Faults()[0];
            throw new Core.Errors.AthanorException($"the model is impossible: {fault}", "change depth, width, heads, key_value_heads or feed_forward_size");
        }

        ModelPlan model = ModelPlan.From(spec);
        double flopPerToken = model.TrainingFlopPerToken(settings.ContextLength);
        long tokens = rules.TrainingTokens(settings.TrainingTokens, settings.TrainingFlop, flopPerToken, model.Parameters);
        double flop = tokens * flopPerToken;
        int rows = rules.BatchRows(settings.BatchRows, flop, settings.ContextLength);
        int most = settings.MicroBatchRows ?? Math.Max(1, 8192 / settings.ContextLength);
        return new PretrainingPlan
        {
            Model = model,
            FlopPerToken = flopPerToken,
            BatchRows = rows,
            MicroBatchRows = Math.Min(rows, most),
            Steps = Math.Max(1, (long)Math.Round(tokens / ((double)rows * settings.ContextLength))),
            MatrixLearningRate = rules.MatrixLearningRate(settings.MatrixLearningRate, flop),
            LearningRate = rules.LearningRate(settings.LearningRate, flop),
            WarmupShare = rules.WarmupShare(settings.WarmupShare),
            FinalShare = rules.FinalShare(settings.FinalLearningRateShare),
            Derived = rules.Derived,
        };
    }
}
