using Athanor.Models.Specifications;

namespace Athanor.Torch.Executors;

/// <summary>A layer's matrices as the fused executor multiplies with them.</summary>
/// <param name="Spec">What the layer is.</param>
/// <param name="Input">Queries, keys and values.</param>
/// <param name="Output">Attention's output.</param>
/// <param name="Up">Gate and up.</param>
/// <param name="Down">Down.</param>
internal sealed record FusedLayer(LayerSpec Spec, FusedMatrix Input, FusedMatrix Output, FusedMatrix Up, FusedMatrix Down) : IDisposable
{
    /// <summary>Matrices in the order they are multiplied with.</summary>
    public IEnumerable<FusedMatrix> Matrices => [Input, Output, Up, Down];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FusedMatrix matrix in Matrices)
        {
            matrix.Dispose();
        }
    }
}

/// <summary>A norm's numbers.</summary>
internal sealed unsafe class FusedNorm
{
    /// <summary>Stands on weights that stay their owner's.</summary>
    public FusedNorm(NormSpec spec, NormWeights weights)
    {
        Spec = spec;
        Weight = (float*)FusedBuffer.PointerOf(weights.Weight);
        using TorchSharp.torch.Tensor gradient = weights.Weight.grad!;
        WeightGradient = (float*)FusedBuffer.PointerOf(gradient);
        if (weights.Bias is { } bias)
        {
            Bias = (float*)FusedBuffer.PointerOf(bias);
            using TorchSharp.torch.Tensor biasGradient = bias.grad!;
            BiasGradient = (float*)FusedBuffer.PointerOf(biasGradient);
        }
    }

    public NormSpec Spec { get; }

    public float* Weight { get; }

    public float* WeightGradient { get; }

    public float* Bias { get; }

    public float* BiasGradient { get; }
}
