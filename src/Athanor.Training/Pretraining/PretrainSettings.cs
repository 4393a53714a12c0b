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

    /// <summary>The corpus with the held-out problems that are asked during training, for the curves of abilities; left out: none are asked.</summary>
    [Input(ArtifactKind.Corpus)]
    public string? Corpus { get; init; }

    /// <summary>How many layers: the dial that everything else follows.</summary>
    [Range(1, 256)]
    public int Depth { get; init; } = 4;

    /// <summary>The length of a row that is trained on, and the longest text the model reads, in tokens.</summary>
    [Range(8, 1 << 20)]
    public int ContextLength { get; init; } = 256;

    /// <summary>The width of the residual stream; left out: rule R1.</summary>
    [Range(8, 1 << 16)]
    public int? Width { get; init; }

    /// <summary>How many query heads; width / heads is the width of each. Left out: rule R2.</summary>
    [Range(1, 1024)]
    public int? Heads { get; init; }

    /// <summary>How many key and value heads, a divisor of the heads; left out: rule R3.</summary>
    [Range(1, 1024)]
    public int? KeyValueHeads { get; init; }

    /// <summary>The width inside the feed-forward; left out: rule R4.</summary>
    [Range(8, 1 << 18)]
    public int? FeedForwardSize { get; init; }

    /// <summary>Whether the output head uses the embedding's matrix.</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>The base of the rotary positions' wavelengths.</summary>
    [Range(1.0, 1e9)]
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>The standard deviation of the random matrices that training begins with.</summary>
    [Range(1e-6, 1.0)]
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Tokens to train on; left out: rule R5.</summary>
    [Range(1L, long.MaxValue)]
    public long? TrainingTokens { get; init; }

    /// <summary>Floating-point operations to spend, instead of <see cref="TrainingTokens"/>.</summary>
    [Range(1.0, 1e30)]
    public double? TrainingFlop { get; init; }

    /// <summary>Rows of an update; left out: rule R6.</summary>
    [Range(1, 1 << 20)]
    public int? BatchRows { get; init; }

    /// <summary>Rows that go through the model at once; the gradients of an update's rows add up. Left out: as many as make 8,192 tokens.</summary>
    [Range(1, 1 << 20)]
    public int? MicroBatchRows { get; init; }

    /// <summary>Each part's share of the training tokens, such as <c>documentation: 0.4</c>; left out: every part by its size.</summary>
    public IReadOnlyDictionary<string, double>? Mixture { get; init; }

    /// <summary>How running text is laid into rows. Conversations are always packed whole, best fit.</summary>
    public PackingMethod TextPacking { get; init; } = PackingMethod.ConcatenateAndCut;

    /// <summary>Whether tokens attend across the documents that share a row.</summary>
    public bool AttentionAcrossDocuments { get; init; }

    /// <summary>Whether, in parts made of conversations, only the assistant's tokens count in the loss.</summary>
    public bool LossOnAnswersOnly { get; init; } = true;

    /// <summary>What turns gradients into updates.</summary>
    public OptimizerChoice Optimizer { get; init; } = OptimizerChoice.MuonAndAdamw;

    /// <summary>The learning rate of hidden matrices; left out: rule R7.</summary>
    [Range(1e-9, 10.0)]
    public double? MatrixLearningRate { get; init; }

    /// <summary>The learning rate of embedding, head and vectors, and of everything where AdamW does all; left out: rule R8.</summary>
    [Range(1e-9, 10.0)]
    public double? LearningRate { get; init; }

    /// <summary>The weight decay of matrices, apart from the gradient (as in AdamW).</summary>
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

    /// <summary>How the learning rate falls after the warm-up.</summary>
    public ScheduleShape Schedule { get; init; } = ScheduleShape.Linear;

    /// <summary>The share of the updates in which the rate rises; left out: rule R9.</summary>
    [Range(0.0, 1.0)]
    public double? WarmupShare { get; init; }

    /// <summary>The share of the updates in which the rate falls, for <c>warmup_stable_decay</c>.</summary>
    [Range(0.0, 1.0)]
    public double DecayShare { get; init; } = 0.4;

    /// <summary>The last rate as a share of the highest; left out: rule R10.</summary>
    [Range(0.0, 1.0)]
    public double? FinalLearningRateShare { get; init; }

    /// <summary>Label smoothing: the share of the target that is spread over the whole vocabulary.</summary>
    [Range(0.0, 0.99)]
    public double LabelSmoothing { get; init; }

    /// <summary>The weight of the z-loss, which keeps the logits from drifting (Chowdhery et al. 2022, PaLM, section 5).</summary>
    [Range(0.0, 1.0)]
    public double ZLoss { get; init; }

    /// <summary>Tokens between validations; left out: a twentieth of the training.</summary>
    [Range(1L, long.MaxValue)]
    public long? ValidationEveryTokens { get; init; }

    /// <summary>The most rows of each part that a validation reads.</summary>
    [Range(1, 1 << 20)]
    public int ValidationRows { get; init; } = 16;

    /// <summary>Tokens between the askings of held-out problems; left out: a twelfth of the training.</summary>
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

/// <summary>The type a model computes in.</summary>
public enum NumberTypeChoice
{
    /// <summary>The faster of the two by a short measurement.</summary>
    Auto,

    /// <summary>32-bit numbers (single precision).</summary>
    Fp32,

    /// <summary>16-bit numbers (bfloat16); the weights themselves stay in 32 bits.</summary>
    Bf16,
}
