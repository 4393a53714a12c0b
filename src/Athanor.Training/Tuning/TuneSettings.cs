using System.ComponentModel.DataAnnotations;
using Athanor.Core.Artifacts;
using Athanor.Core.Stages;
using Athanor.Torch.Executors;
using Athanor.Training.Optimizers;
using Athanor.Training.Pretraining;
using Athanor.Training.Schedules;

namespace Athanor.Training.Tuning;

/// <summary>Settings of <c>model.tune</c>.</summary>
public sealed record TuneSettings
{
    /// <summary>The model to begin from.</summary>
    [Input(ArtifactKind.Model)]
    public string Model { get; init; } = "pretrain";

    /// <summary>The tokens to learn from; made with the model's tokenizer.</summary>
    [Input(ArtifactKind.Tokens)]
    public string Tokens { get; init; } = "tokens";

    /// <summary>The corpus with the held-out problems that are asked during training, for the curves of abilities; left out: none are asked.</summary>
    [Input(ArtifactKind.Corpus)]
    public string? Corpus { get; init; }

    /// <summary>Each part's share of the training tokens; left out: every part made of conversations, by its size.</summary>
    public IReadOnlyDictionary<string, double>? Mixture { get; init; }

    /// <summary>Positions of a row; left out: the model's context.</summary>
    [Range(8, 1 << 20)]
    public int? ContextLength { get; init; }

    /// <summary>Tokens to train on; left out: <see cref="Epochs"/> times the mixture.</summary>
    [Range(1L, long.MaxValue)]
    public long? TrainingTokens { get; init; }

    /// <summary>How often the mixture's parts are gone through, where <see cref="TrainingTokens"/> is left out.</summary>
    [Range(0.001, 1000)]
    public double Epochs { get; init; } = 1;

    /// <summary>Rows of an update.</summary>
    [Range(1, 1 << 20)]
    public int BatchRows { get; init; } = 4;

    /// <summary>Rows that go through the model at once; left out: as many as make 8,192 tokens.</summary>
    [Range(1, 1 << 20)]
    public int? MicroBatchRows { get; init; }

    /// <summary>Whether tokens attend across the examples that share a row.</summary>
    public bool AttentionAcrossDocuments { get; init; }

    /// <summary>Whether only the assistant's tokens count in the loss.</summary>
    public bool LossOnAnswersOnly { get; init; } = true;

    /// <summary>What turns gradients into updates.</summary>
    public OptimizerChoice Optimizer { get; init; } = OptimizerChoice.MuonAndAdamw;

    /// <summary>The learning rate of hidden matrices; the default is three fifths of what the quickstart pre-trains with.</summary>
    [Range(1e-9, 10.0)]
    public double MatrixLearningRate { get; init; } = 3e-3;

    /// <summary>The learning rate of embedding, head and vectors.</summary>
    [Range(1e-9, 10.0)]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>The weight decay of matrices, apart from the gradient (as in AdamW).</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>The largest global norm of the gradient; 0 clips nothing.</summary>
    [Range(0.0, 1e9)]
    public double ClipNorm { get; init; } = 1;

    /// <summary>How the learning rate falls after the warm-up.</summary>
    public ScheduleShape Schedule { get; init; } = ScheduleShape.Linear;

    /// <summary>The share of the updates in which the rate rises.</summary>
    [Range(0.0, 1.0)]
    public double WarmupShare { get; init; } = 0.05;

    /// <summary>The last rate as a share of the highest.</summary>
    [Range(0.0, 1.0)]
    public double FinalLearningRateShare { get; init; } = 0.02;

    /// <summary>Tokens between validations; left out: a tenth of the training.</summary>
    [Range(1L, long.MaxValue)]
    public long? ValidationEveryTokens { get; init; }

    /// <summary>The most rows of each part that a validation reads.</summary>
    [Range(1, 1 << 20)]
    public int ValidationRows { get; init; } = 16;

    /// <summary>Tokens between the askings of held-out problems; left out: a quarter of the training.</summary>
    [Range(1L, long.MaxValue)]
    public long? ProbeEveryTokens { get; init; }

    /// <summary>Seconds between checkpoints.</summary>
    [Range(0.0, 1e6)]
    public double CheckpointSeconds { get; init; } = 60;

    /// <summary>The type of number to compute in.</summary>
    public NumberTypeChoice NumberType { get; init; } = NumberTypeChoice.Auto;

    /// <summary>What computes the model and its gradients.</summary>
    public ExecutorChoice Executor { get; init; } = ExecutorChoice.Auto;
}
