namespace Athanor.Models.Specifications;

/// <summary>A weight that a specification asks for.</summary>
/// <param name="Name">Its canonical name, such as <c>layers.0.attention.query.weight</c>.</param>
/// <param name="Shape">Its sizes; matrices are [out, in].</param>
/// <param name="Part">Which part of the model it belongs to.</param>
/// <param name="Initializer">How a fresh one begins.</param>
public sealed record PlannedWeight(string Name, IReadOnlyList<long> Shape, ModelPart Part, Initializer Initializer)
{
    /// <summary>How many numbers it has.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether weight decay pulls at it: what has two dimensions, embeddings included; not norms and biases.</summary>
    public bool Decays => Shape.Count == 2;

    /// <summary>Whether it is a hidden matrix, which Muon orthogonalises (Jordan et al. 2024): attention and feed-forward, neither embedding nor head.</summary>
    public bool IsHiddenMatrix => Shape.Count == 2 && (Part is ModelPart.Attention or ModelPart.FeedForward);
}

/// <summary>How a fresh weight begins.</summary>
/// <param name="Mean">Every number's mean: 1 for a norm's factor, else 0.</param>
/// <param name="StandardDeviation">The normal distribution's deviation; 0 where every number is the mean.</param>
public sealed record Initializer(double Mean, double StandardDeviation);

/// <summary>Parts of a transformer.</summary>
public enum ModelPart
{
    /// <summary>Token embeddings; where the head is tied, the head too.</summary>
    Embedding,

    /// <summary>Learned positions.</summary>
    Positions,

    /// <summary>Attention's matrices and biases.</summary>
    Attention,

    /// <summary>The feed-forwards' matrices and biases.</summary>
    FeedForward,

    /// <summary>Norms.</summary>
    Norms,

    /// <summary>An untied head.</summary>
    Head,
}
