namespace Athanor.Training.Optimizers;

/// <summary>Settings of <see cref="Adam"/>.</summary>
public sealed record AdamSettings
{
    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment, after the bias correction.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether the decay acts on the weights themselves (AdamW, Loshchilov and Hutter 2019) or is added to the gradient (L2).</summary>
    public bool Decoupled { get; init; } = true;
}
