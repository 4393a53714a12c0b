using Athanor.Torch.Kernels;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// A matrix that activations are multiplied with. In bfloat16 a rounded copy is multiplied with, and its gradient is rounded once before it is added to the one in single precision.
/// </summary>
internal sealed unsafe class FusedMatrix : IDisposable
{
    private readonly torch.Tensor _weight;
    private readonly torch.Tensor _transposed;
    private readonly torch.Tensor _gradient;
    private readonly FusedBuffer? _copy;
    private readonly torch.Tensor? _roundedGradient;
    private readonly void* _rounded;

    /// <summary>Stands on weights that stay their owner's.</summary>
    /// <param name="weight">[out, in], with its gradient.</param>
    /// <param name="bias">[out], with its gradient, or null.</param>
    /// <param name="scratch">In bfloat16, where a gradient is computed before it is added; room for the largest matrix. Null in single precision.</param>
    public FusedMatrix(torch.Tensor weight, torch.Tensor? bias, FusedBuffer? scratch)
    {
        using IDisposable noGradient = torch.no_grad();
        Outputs = (int)weight.shape[0];
        Inputs = (int)weight.shape[1];
        Master = (float*)FusedBuffer.PointerOf(weight);
        _gradient = weight.grad!.DetachFromDisposeScope();
        Gradient = (float*)FusedBuffer.PointerOf(_gradient);
        if (bias is not null)
        {
            Bias = (float*)FusedBuffer.PointerOf(bias);
            using torch.Tensor biasGradient = bias.grad!;
            BiasGradient = (float*)FusedBuffer.PointerOf(biasGradient);
        }

        if (scratch is null)
        {
            _weight = weight.detach().DetachFromDisposeScope();
        }
        else
        {
            _copy = new FusedBuffer(weight.numel(), torch.ScalarType.BFloat16);
            _weight = _copy.Matrix(Outputs, Inputs);
            _roundedGradient = scratch.Matrix(Outputs, Inputs);
            _rounded = scratch.Pointer;
        }

        _transposed = _weight.t().DetachFromDisposeScope();
    }

    /// <summary>Rows.</summary>
    public int Outputs { get; }

    /// <summary>Columns.</summary>
    public int Inputs { get; }

    /// <summary>The weights in single precision.</summary>
    public float* Master { get; }

    /// <summary>Their gradient in single precision.</summary>
    public float* Gradient { get; }

    /// <summary>The bias, or null.</summary>
    public float* Bias { get; }

    /// <summary>The bias's gradient, or null.</summary>
    public float* BiasGradient { get; }

    /// <summary>Takes up what the weights have become; needed in bfloat16 only.</summary>
    public void Refresh(KernelSet kernels)
    {
        if (_copy is not null)
        {
            kernels.ToBrain(Master, (ushort*)_copy.Pointer, (nint)_copy.Count);
        }
    }

    /// <summary>y = x Wᵀ.</summary>
    public void Forward(torch.Tensor x, torch.Tensor y) => y.addmm_(x, _transposed, 0, 1);

    /// <summary>dx = dy W.</summary>
    public void InputGradient(torch.Tensor dy, torch.Tensor dx) => dx.addmm_(dy, _weight, 0, 1);

    /// <summary>dW += dyᵀ x.</summary>
    public void AddGradient(torch.Tensor transposedDy, torch.Tensor x, KernelSet kernels)
    {
        if (_roundedGradient is null)
        {
            _gradient.addmm_(transposedDy, x, 1, 1);
        }
        else
        {
            _roundedGradient.addmm_(transposedDy, x, 0, 1);
            kernels.FromBrain((ushort*)_rounded, Gradient, (nint)Outputs * Inputs, adds: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transposed.Dispose();
        _weight.Dispose();
        _gradient.Dispose();
        _roundedGradient?.Dispose();
        _copy?.Dispose();
    }
}
