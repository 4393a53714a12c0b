using System.Numerics;
using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2):
/// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← (1−ηλ)w − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
/// On the CPU one pass of a vector kernel over weights, gradient and both moments; elsewhere libtorch's operations.
/// </summary>
public sealed class Adam : Optimizer
{
    private const int Block = 1 << 16;

    private readonly AdamSettings _settings;
    private readonly torch.Tensor[] _first;
    private readonly torch.Tensor[] _second;

    /// <summary>Begins with zero moments.</summary>
    public Adam(IReadOnlyList<OptimizedParameter> parameters, AdamSettings settings)
        : base(parameters)
    {
        _settings = settings;
        _first = [.. parameters.Select(parameter => NewState(parameter, "first_moment", parameter.Weight.shape))];
        _second = [.. parameters.Select(parameter => NewState(parameter, "second_moment", parameter.Weight.shape))];
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate)
    {
        double rate = learningRate / (1 - Math.Pow(_settings.Beta1, Steps));
        double rootScale = 1 / Math.Sqrt(1 - Math.Pow(_settings.Beta2, Steps));
        for (int i = 0; i < Parameters.Count; i++)
        {
            OptimizedParameter parameter = Parameters[i];
            torch.Tensor gradient = gradients[parameter.Name];
            double decay = parameter.Decays ? _settings.WeightDecay : 0;
            double shrink = _settings.Decoupled ? 1 - (learningRate * decay) : 1;
            double penalty = _settings.Decoupled ? 0 : decay;
            if (!TensorMemory.IsPlain(parameter.Weight) || !TensorMemory.IsPlain(gradient) || gradient.dtype != parameter.Weight.dtype)
            {
                UpdateByOperations(i, gradient, rate, rootScale, shrink, penalty);
            }
            else if (gradient.dtype == torch.ScalarType.Float64)
            {
                UpdateInOnePass(i, gradient, new Constants<double>(_settings.Beta1, _settings.Beta2, _settings.Epsilon, rate, rootScale, shrink, penalty));
            }
            else
            {
                UpdateInOnePass(i, gradient, new Constants<float>((float)_settings.Beta1, (float)_settings.Beta2, (float)_settings.Epsilon, (float)rate, (float)rootScale, (float)shrink, (float)penalty));
            }
        }
    }

    private void UpdateByOperations(int index, torch.Tensor gradient, double rate, double rootScale, double shrink, double penalty)
    {
        torch.Tensor weight = Parameters[index].Weight;
        using Scalar one = 1.0;
        using Scalar beta1 = _settings.Beta1;
        using Scalar beta2 = _settings.Beta2;
        using Scalar rest1 = 1 - _settings.Beta1;
        using Scalar rest2 = 1 - _settings.Beta2;
        using Scalar scale = rootScale;
        using Scalar epsilon = _settings.Epsilon;
        using Scalar decay = penalty;
        using Scalar kept = shrink;
        using Scalar step = -rate;
        if (penalty != 0)
        {
            gradient = gradient.add(weight, decay);
        }

        _first[index].mul_(beta1).add_(gradient, rest1);
        _second[index].mul_(beta2).addcmul_(gradient, gradient, rest2);
        torch.Tensor denominator = _second[index].sqrt().mul_(scale).add_(epsilon, one);
        weight.mul_(kept).addcdiv_(_first[index], denominator, step);
    }

    private unsafe void UpdateInOnePass<T>(int index, torch.Tensor gradient, Constants<T> constants)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int length = checked((int)gradient.numel());
        fixed (T* w = TensorMemory.Of<T>(Parameters[index].Weight), g = TensorMemory.Of<T>(gradient), m = TensorMemory.Of<T>(_first[index]), v = TensorMemory.Of<T>(_second[index]))
        {
            if (length <= 4 * Block)
            {
                Kernel(new(w, length), new(g, length), new(m, length), new(v, length), constants);
                return;
            }

            // every element is its own, so how the work is shared changes nothing
            (nint weights, nint slopes, nint firsts, nint seconds) = ((nint)w, (nint)g, (nint)m, (nint)v);
            Parallel.For(0, (length + Block - 1) / Block, block =>
            {
                int begin = block * Block;
                int count = Math.Min(Block, length - begin);
                Kernel(new((T*)weights + begin, count), new((T*)slopes + begin, count), new((T*)firsts + begin, count), new((T*)seconds + begin, count), constants);
            });
        }
    }

    private static void Kernel<T>(Span<T> w, ReadOnlySpan<T> g, Span<T> m, Span<T> v, Constants<T> c)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T rest1 = T.One - c.Beta1;
        T rest2 = T.One - c.Beta2;
        int i = 0;
        for (; i <= w.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> weight = new(w[i..]);
            Vector<T> gradient = new Vector<T>(g[i..]) + (weight * c.Penalty);
            Vector<T> first = (new Vector<T>(m[i..]) * c.Beta1) + (gradient * rest1);
            Vector<T> second = (new Vector<T>(v[i..]) * c.Beta2) + (gradient * gradient * rest2);
            Vector<T> denominator = (Vector.SquareRoot(second) * c.RootScale) + new Vector<T>(c.Epsilon);
            first.CopyTo(m[i..]);
            second.CopyTo(v[i..]);
            ((weight * c.Shrink) - (first / denominator * c.Rate)).CopyTo(w[i..]);
        }

        for (; i < w.Length; i++)
        {
            T gradient = g[i] + (w[i] * c.Penalty);
            m[i] = (m[i] * c.Beta1) + (gradient * rest1);
            v[i] = (v[i] * c.Beta2) + (gradient * gradient * rest2);
            w[i] = (w[i] * c.Shrink) - (m[i] / ((T.Sqrt(v[i]) * c.RootScale) + c.Epsilon) * c.Rate);
        }
    }

    private readonly record struct Constants<T>(T Beta1, T Beta2, T Epsilon, T Rate, T RootScale, T Shrink, T Penalty);
}
