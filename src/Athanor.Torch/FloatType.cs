using TorchSharp;

namespace Athanor.Torch;

/// <summary>What a model computes in.</summary>
public enum FloatType
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>Double precision throughout: the judge of the others.</summary>
    Float64,

    /// <summary>Products in bfloat16; weights, gradients and the residual stream in single precision.</summary>
    BFloat16,
}

/// <summary>What a <see cref="FloatType"/> means to libtorch.</summary>
internal static class FloatTypes
{
    /// <summary>The type of weights, gradients and the residual stream.</summary>
    public static torch.ScalarType Stored(this FloatType type) => type == FloatType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32;

    /// <summary>The type of products.</summary>
    public static torch.ScalarType Computed(this FloatType type) => type switch
    {
        FloatType.Float64 => torch.ScalarType.Float64,
        FloatType.BFloat16 => torch.ScalarType.BFloat16,
        _ => torch.ScalarType.Float32,
    };
}
