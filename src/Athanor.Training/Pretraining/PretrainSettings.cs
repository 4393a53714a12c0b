using System.ComponentModel.DataAnnotations;
using Athanor.Core.Artifacts;
using Athanor.Core.Stages;
using Athanor.Torch.Executors;
using Athanor.Training.Optimizers;
using Athanor.Training.Packing;
using Athanor.Training.Schedules;

namespace Athanor.Training.Pretraining;

/// <summary>Settings of <c>model.pretrain</c>. What is left out follows from <see cref="Depth"/> by numbered rules, which the run prints.</summary>
public sealed record PretrainSettings
{
    /// <summary>The tokens to learn from.</summary>
    [Input(ArtifactKind.Tokens)]
    public string Tokens { get; init; } = "tokens";

    /// <summary>The corpus that the ability probe asks its problems from; none leaves the probe out.</summary>
    [Input(ArtifactKind.Corpus)]
    public string? Corpus { get; init; }

    /// <summary>How many layers: the dial that everything else follows.</summary>
    [Range(1, 256)]
    public int Depth { get; init; } = 4;

    /// <summary>Positions of a sequence, in tokens.</summary>
    [Range(8, 1 << 20)]
    public int ContextLength { get; init; } = 256;

    /// <summary>The width of the residual stream (rule R1).</summary>
    [Range(8, 1 << 16)]
    public int? Width { get; init; }

    /// <summary>Query heads (rule R2); width / heads is the width of a head.</summary>
    [Range(1, 1024)]
    public int? Heads { get; init; }

    /// <summary>Key and value heads (rule R3), a divisor of the heads.</summary>
    [Range(1, 1024)]
    public int? KeyValueHeads { get; init; }

    /// <summary>The width inside the feed-forward (rule R4).</summary>
    [Range(8, 1 << 18)]
    public int? FeedForwardSize { get; init; }

    /// <summary>Whether the embedding's matrix is the head's too.</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>The base of the rotary wavelengths.</summary>
    [Range(1.0, 1e9)]
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>The standard deviation of fresh matrices.</summary>
    [Range(1e-6, 1.0)]
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Tokens to train on (rule R5).</summary>
    [Range(1L, long.MaxValue)]
    public long? TrainingTokens { get; init; }

    /// <summary>Floating-point operations to spend, instead of <see cref="TrainingTokens"/>.</summary>
    [Range(1.0, 1e30)]
    public double? TrainingFlop { get; init; }

    /// <summary>Rows of an update (rule R6).</summary>
    [Range(1, 1 << 20)]
    public int? BatchRows { get; init; }

    /// <summary>Rows that go through the model at once; the gradients of an update's rows add up. Left out: as many as make 8,192 tokens.</summary>
    [Range(1, 1 << 20)]
    public int? MicroBatchRows { get; init; }

    /// <summary>Each part's share of the training tokens, such as <c>documentation: 0.4</c>; none takes every part by its size.</summary>
    public IReadOnlyDictionary<string, double>? Mixture { get; init; }

    /// <summary>How running text is laid into rows. Conversations are always packed whole, best fit.</summary>
    public PackingMethod TextPacking { get; init; } = PackingMethod.ConcatenateAndCut;

    /// <summary>Whether attention crosses the documents that share a row.</summary>
    public bool AttentionAcrossDocuments { get; init; }

    /// <summary>Whether, in parts made of conversations, only the assistant's tokens count in the loss.</summary>
    public bool LossOnAnswersOnly { get; init; } = true;

    /// <summary>Muon for hidden matrices and AdamW for the rest, or AdamW for all.</summary>
    public OptimizerChoice Optimizer { get; init; } = OptimizerChoice.MuonAndAdamw;

    /// <summary>The rate of hidden matrices (rule R7).</summary>
    [Range(1e-9, 10.0)]
    public double? MatrixLearningRate { get; init; }

    /// <summary>The rate of embedding, head and vectors (rule R8); of everything under AdamW alone.</summary>
    [Range(1e-9, 10.0)]
    public double? LearningRate { get; init; }

    /// <summary>Decoupled weight decay of matrices.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Muon's momentum.</summary>
    [Range(0.0, 0.9999)]
    public double Momentum { get; init; } = 0.95;

    /// <summary>AdamW's decay of the first moment.</summary>
    [Range(0.0, 0.9999)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment.</summary>
    [Range(0.0, 0.99999)]
    public double Beta2 { get; init; } = 0.95;

    /// <summary>The largest global norm of the gradient; 0 clips nothing.</summary>
    [Range(0.0, 1e9)]
    public double ClipNorm { get; init; } = 1;

    /// <summary>How the rate falls after the warm-up.</summary>
    public ScheduleShape Schedule { get; init; } = ScheduleShape.Linear;

    /// <summary>The share of the updates in which the rate rises (rule R9).</summary>
    [Range(0.0, 1.0)]
    public double? WarmupShare { get; init; }

    /// <summary>The share of the updates in which the rate falls, for <c>warmup_stable_decay</c>.</summary>
    [Range(0.0, 1.0)]
    public double DecayShare { get; init; } = 0.4;

    /// <summary>The last rate as a share of the highest (rule R10).</summary>
    [Range(0.0, 1.0)]
    public double? FinalLearningRateShare { get; init; }

    /// <summary>Label smoothing.</summary>
    [Range(0.0, 0.99)]
    public double LabelSmoothing { get; init; }

    /// <summary>The weight of the z-loss.</summary>
    [Range(0.0, 1.0)]
    public double ZLoss { get; init; }

    /// <summary>Tokens between validations; left out: a twentieth of the training.</summary>
    [Range(1L, long.MaxValue)]
    public long? ValidationEveryTokens { get; init; }

    /// <summary>At most so many rows of each part are validated on.</summary>
    [Range(1, 1 << 20)]
    public int ValidationRows { get; init; } = 16;

    /// <summary>Tokens between ability probes; left out: a twelfth of the training.</summary>
    [Range(1L, long.MaxValue)]
    public long? ProbeEveryTokens { get; init; }

    /// <summary>Seconds between checkpoints.</summary>
    [Range(0.0, 1e6)]
    public double CheckpointSeconds { get; init; } = 60;

    /// <summary>The type to compute in; <c>auto</c> takes the faster by measurement.</summary>
    public NumberTypeChoice NumberType { get; init; } = NumberTypeChoice.Auto;

    /// <summary>What computes forward and backward; <c>auto</c> takes the fused one where it has every feature of the model.</summary>
    public ExecutorChoice Executor { get; init; } = ExecutorChoice.Auto;
}

/// <summary>The type a model computes in.</summary>
public enum NumberTypeChoice
{
    /// <summary>The faster by measurement.</summary>
    Auto,

    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>bfloat16 with single-precision weights.</summary>
    Bf16,
}
