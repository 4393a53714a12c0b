namespace Athanor.Models.Specifications;

/// <summary>One layer: x += attention(norm(x)), then x += feedForward(norm(x)).</summary>
public sealed record LayerSpec
{
    /// <summary>The norm before attention.</summary>
    public required NormSpec AttentionNorm { get; init; }

    /// <summary>How tokens look at each other.</summary>
    public required AttentionSpec Attention { get; init; }

    /// <summary>The norm before the feed-forward.</summary>
    public required NormSpec FeedForwardNorm { get; init; }

    /// <summary>What is computed of each token alone.</summary>
    public required FeedForwardSpec FeedForward { get; init; }
}

/// <summary>Causal attention. Query head h uses key and value head ⌊h·K/H⌋ (Ainslie et al. 2023); scores are divided by √head size.</summary>
public sealed record AttentionSpec
{
    /// <summary>Query heads H.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads K: H is multi-head, 1 multi-query, between them grouped-query attention.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>The width of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool InputBias { get; init; }

    /// <summary>Whether the output has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>How many keys a query sees, itself included (Beltagy et al. 2020); null for all before it.</summary>
    public int? SlidingWindow { get; init; }
}

/// <summary>The feed-forward.</summary>
public sealed record FeedForwardSpec
{
    /// <summary>Whether it is gated.</summary>
    public required FeedForwardKind Kind { get; init; }

    /// <summary>Its nonlinearity.</summary>
    public required Activation Activation { get; init; }

    /// <summary>The width between its matrices.</summary>
    public required int Size { get; init; }

    /// <summary>Whether its matrices have biases.</summary>
    public bool Bias { get; init; }
}

/// <summary>Kinds of feed-forward.</summary>
public enum FeedForwardKind
{
    /// <summary>down(activation(up(x))) (Vaswani et al. 2017).</summary>
    Plain,

    /// <summary>down(activation(gate(x)) · up(x)) (Shazeer 2020).</summary>
    Gated,
}

/// <summary>Nonlinearities.</summary>
public enum Activation
{
    /// <summary>x · sigmoid(x).</summary>
    Silu,

    /// <summary>x · Φ(x), Φ the normal distribution's function.</summary>
    Gelu,

    /// <summary>GELU by its tanh approximation, as GPT-2 has it.</summary>
    GeluTanh,

    /// <summary>max(x, 0).</summary>
    Relu,
}

/// <summary>A norm.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Epsilon">What is added under the root.</param>
public sealed record NormSpec(NormKind Kind, double Epsilon);

/// <summary>Kinds of norm.</summary>
public enum NormKind
{
    /// <summary>x / √(mean(x²) + ε) · w (Zhang and Sennrich 2019).</summary>
    Rms,

    /// <summary>(x − mean) / √(variance + ε) · w + b (Ba et al. 2016).</summary>
    Layer,
}
