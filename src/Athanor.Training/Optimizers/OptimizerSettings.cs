namespace Athanor.Training.Optimizers;

/// <summary>Which optimizers share the weights.</summary>
public enum OptimizerChoice
{
    /// <summary>Muon for hidden matrices, AdamW for embedding, head and vectors.</summary>
    MuonAndAdamw,

    /// <summary>AdamW for all.</summary>
    Adamw,
}

/// <summary>The optimizers of a training.</summary>
public sealed record OptimizerSettings
{
    /// <summary>Which.</summary>
    public OptimizerChoice Choice { get; init; }

    /// <summary>The rate of hidden matrices under Muon.</summary>
    public required double MatrixLearningRate { get; init; }

    /// <summary>The rate of the rest; of everything under AdamW alone.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Decoupled weight decay, of those weights that the plan says decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Muon's momentum.</summary>
    public double Momentum { get; init; } = 0.95;

    /// <summary>AdamW's decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.95;
}
