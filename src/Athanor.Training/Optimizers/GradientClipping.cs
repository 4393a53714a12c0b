using System.Numerics;
using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>Clipping of gradients by the norm of all together (Pascanu et al. 2013).</summary>
public static class GradientClipping
{
    /// <summary>The L2 norm over all gradients, summed in double precision in a fixed order; not finite when a gradient is not.</summary>
    public static double Norm(IEnumerable<torch.Tensor> gradients)
    {
        double sum = 0;
        foreach (torch.Tensor gradient in gradients)
        {
            sum += SumOfSquares(gradient);
        }

        return Math.Sqrt(sum);
    }

    /// <summary>What gradients of a norm are multiplied by: min(1, maximum / (norm + 10⁻⁶)).</summary>
    public static double Coefficient(double norm, double maximumNorm) => Math.Min(1, maximumNorm / (norm + 1e-6));

    /// <summary>Multiplies gradients by <see cref="Coefficient"/>.</summary>
    /// <param name="gradients">The gradients.</param>
    /// <param name="norm">What <see cref="Norm"/> gave.</param>
    /// <param name="maximumNorm">The largest norm that stays.</param>
    public static void Clip(IEnumerable<torch.Tensor> gradients, double norm, double maximumNorm)
    {
        double coefficient = Coefficient(norm, maximumNorm);
        if (coefficient == 1)
        {
            return;
        }

        using IDisposable noGradient = torch.no_grad();
        using Scalar factor = coefficient;
        foreach (torch.Tensor gradient in gradients)
        {
            gradient.mul_(factor);
        }
    }

    private static double SumOfSquares(torch.Tensor gradient)
    {
        if (!TensorMemory.IsPlain(gradient))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            return gradient.detach().to(torch.ScalarType.Float64).square().sum().item<double>();
        }

        return gradient.dtype == torch.ScalarType.Float64 ? SumOfSquares(TensorMemory.Of<double>(gradient)) : SumOfSquares(TensorMemory.Of<float>(gradient));
    }

    private static double SumOfSquares(ReadOnlySpan<double> values)
    {
        Vector<double> sums = Vector<double>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> value = new(values[i..]);
            sums += value * value;
        }

        double sum = Vector.Sum(sums);
        for (; i < values.Length; i++)
        {
            sum += values[i] * values[i];
        }

        return sum;
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        Vector<double> sums = Vector<double>.Zero;
        Vector<double> more = Vector<double>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out Vector<double> low, out Vector<double> high);
            sums += low * low;
            more += high * high;
        }

        double sum = Vector.Sum(sums + more);
        for (; i < values.Length; i++)
        {
            sum += (double)values[i] * values[i];
        }

        return sum;
    }
}
