using System.Numerics;
using Athanor.Torch.Kernels;
using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2):
/// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← (1−ηλ)w − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
/// On the CPU one pass of a vector kernel over weights, gradient and both moments; elsewhere libtorch's operations.
/// </summary>
public sealed class Adam : Optimizer
{
    private const int Block = 1 << 14;

    private readonly AdamSettings _settings;
    private readonly torch.Tensor[] _first;
    private readonly torch.Tensor[] _second;
    private readonly torch.Tensor?[] _gradients;
    private readonly Memory[] _memory;

    /// <summary>Begins with zero moments.</summary>
    public Adam(IReadOnlyList<OptimizedParameter> parameters, AdamSettings settings)
        : base(parameters)
    {
        _settings = settings;
        _first = [.. parameters.Select(parameter => NewState(parameter, "first_moment", parameter.Weight.shape))];
        _second = [.. parameters.Select(parameter => NewState(parameter, "second_moment", parameter.Weight.shape))];
        _gradients = new torch.Tensor?[parameters.Count];
        _memory = new Memory[parameters.Count];
    }

    /// <inheritdoc/>
    protected override bool UpdateInOnePass(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate, double gradientScale)
    {
        for (int i = 0; i < Parameters.Count; i++)
        {
            torch.Tensor gradient = gradients[Parameters[i].Name];
            if (!ReferenceEquals(gradient, _gradients[i]))
            {
                _gradients[i] = TensorMemory.IsPlain(Parameters[i].Weight) && TensorMemory.IsPlain(gradient) && gradient.dtype == Parameters[i].Weight.dtype ? gradient : null;
                _memory[i] = _gradients[i] is null ? default : MemoryOf(i, gradient);
            }

            if (_gradients[i] is null)
            {
                return false;
            }
        }

        double rate = learningRate / (1 - Math.Pow(_settings.Beta1, Steps));
        double rootScale = 1 / Math.Sqrt(1 - Math.Pow(_settings.Beta2, Steps));
        for (int i = 0; i < Parameters.Count; i++)
        {
            (double shrink, double penalty) = DecayOf(Parameters[i], learningRate);
            if (_memory[i].IsDouble)
            {
                UpdateInOnePass(_memory[i], new Constants<double>(_settings.Beta1, _settings.Beta2, _settings.Epsilon, rate, rootScale, shrink, penalty, gradientScale));
            }
            else
            {
                UpdateInOnePass(_memory[i], new Constants<float>((float)_settings.Beta1, (float)_settings.Beta2, (float)_settings.Epsilon, (float)rate, (float)rootScale, (float)shrink, (float)penalty, (float)gradientScale));
            }
        }

        return true;
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate)
    {
        double rate = learningRate / (1 - Math.Pow(_settings.Beta1, Steps));
        double rootScale = 1 / Math.Sqrt(1 - Math.Pow(_settings.Beta2, Steps));
        for (int i = 0; i < Parameters.Count; i++)
        {
            (double shrink, double penalty) = DecayOf(Parameters[i], learningRate);
            UpdateByOperations(i, gradients[Parameters[i].Name], rate, rootScale, shrink, penalty);
        }
    }

    private (double Shrink, double Penalty) DecayOf(OptimizedParameter parameter, double learningRate)
    {
        double decay = parameter.Decays ? _settings.WeightDecay : 0;
        return _settings.Decoupled ? (1 - (learningRate * decay), 0) : (1, decay);
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

    private static void UpdateInOnePass<T>(Memory memory, Constants<T> constants)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // every element is its own, so how the work is shared changes nothing
        Pass<T> pass = new(memory, constants);
        if (memory.Length <= 4 * Block)
        {
            pass.Run(0, Pass<T>.Blocks(memory.Length), 0);
        }
        else
        {
            OpenMp.For(Pass<T>.Blocks(memory.Length), pass);
        }
    }

    private unsafe Memory MemoryOf(int index, torch.Tensor gradient)
    {
        fixed (byte* w = Parameters[index].Weight.bytes, g = gradient.bytes, m = _first[index].bytes, v = _second[index].bytes)
        {
            // libtorch's memory stays where it is
            return new Memory((nint)w, (nint)g, (nint)m, (nint)v, checked((int)gradient.numel()), gradient.dtype == torch.ScalarType.Float64);
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
            Vector<T> gradient = (new Vector<T>(g[i..]) * c.Scale) + (weight * c.Penalty);
            Vector<T> first = (new Vector<T>(m[i..]) * c.Beta1) + (gradient * rest1);
            Vector<T> second = (new Vector<T>(v[i..]) * c.Beta2) + (gradient * gradient * rest2);
            Vector<T> denominator = (Vector.SquareRoot(second) * c.RootScale) + new Vector<T>(c.Epsilon);
            first.CopyTo(m[i..]);
            second.CopyTo(v[i..]);
            ((weight * c.Shrink) - (first / denominator * c.Rate)).CopyTo(w[i..]);
        }

        for (; i < w.Length; i++)
        {
            T gradient = (g[i] * c.Scale) + (w[i] * c.Penalty);
            m[i] = (m[i] * c.Beta1) + (gradient * rest1);
            v[i] = (v[i] * c.Beta2) + (gradient * gradient * rest2);
            w[i] = (w[i] * c.Shrink) - (m[i] / ((T.Sqrt(v[i]) * c.RootScale) + c.Epsilon) * c.Rate);
        }
    }

    private readonly record struct Constants<T>(T Beta1, T Beta2, T Epsilon, T Rate, T RootScale, T Shrink, T Penalty, T Scale);

    private readonly record struct Memory(nint Weight, nint Gradient, nint First, nint Second, int Length, bool IsDouble);

    private readonly unsafe struct Pass<T>(Memory memory, Constants<T> constants) : IParallelBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public static int Blocks(int length) => (length + Block - 1) / Block;

        public void Run(int from, int to, int thread)
        {
            int begin = from * Block;
            int count = Math.Min(to * Block, memory.Length) - begin;
            Kernel(new((T*)memory.Weight + begin, count), new((T*)memory.Gradient + begin, count), new((T*)memory.First + begin, count), new((T*)memory.Second + begin, count), constants);
        }
    }
}
