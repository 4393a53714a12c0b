using System.Runtime.Intrinsics;
using Athanor.Torch.Kernels;
using Xunit;

namespace Athanor.Tests.Torch.Kernels;

/// <summary>Each width of vectors against double precision; run again with narrower processors, the widest falls back to software.</summary>
public sealed unsafe class FunctionsTests
{
    [Fact]
    public void Exponentials_are_accurate_and_vanish_below_the_smallest_number()
    {
        Hold(Exp<Lanes1, float>, Math.Exp, -87, 88, 3e-7);
        Hold(Exp<Lanes256, Vector256<float>>, Math.Exp, -87, 88, 3e-7);
        Hold(Exp<Lanes512, Vector512<float>>, Math.Exp, -87, 88, 3e-7);
        Assert.Equal(0, Exp<Lanes1, float>(-1e30f));
        Assert.Equal(0, Exp<Lanes256, Vector256<float>>(float.NegativeInfinity));
        Assert.Equal(0, Exp<Lanes512, Vector512<float>>(-1e30f));
        Assert.True(float.IsNaN(Exp<Lanes1, float>(float.NaN)));
        Assert.True(float.IsNaN(Exp<Lanes256, Vector256<float>>(float.NaN)));
        Assert.True(float.IsNaN(Exp<Lanes512, Vector512<float>>(float.NaN)));
    }

    [Fact]
    public void Activations_and_their_slopes_agree_with_differences_in_double_precision()
    {
        Hold<Silu>(x => x / (1 + Math.Exp(-x)));
        Hold<GeluTanh>(x => x * 0.5 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))));
        Hold<Gelu>(x => x * Normal(x));
    }

    [Fact]
    public void Brain_floats_are_rounded_to_the_nearest_even()
    {
        foreach ((float value, float rounded) in ((float, float)[])[(1, 1), (1.00390625f, 1), (1.01171875f, 1.015625f), (1.004f, 1.0078125f), (-3.1415926f, -3.140625f), (1e30f, 1.0002556e30f)])
        {
            Assert.Equal(rounded, Rounded<Lanes1, float>(value), 1e-6 * Math.Abs(rounded));
            Assert.Equal(Rounded<Lanes1, float>(value), Rounded<Lanes256, Vector256<float>>(value));
            Assert.Equal(Rounded<Lanes1, float>(value), Rounded<Lanes512, Vector512<float>>(value));
        }
    }

    // the normal distribution's function by Simpson's rule
    private static double Normal(double x)
    {
        const int Steps = 2000;
        double width = x / Steps;
        double sum = 0;
        for (int i = 0; i <= Steps; i++)
        {
            double weight = i is 0 or Steps ? 1 : i % 2 == 0 ? 2 : 4;
            sum += weight * Math.Exp(-0.5 * i * width * i * width);
        }

        return 0.5 + (sum * width / 3 / Math.Sqrt(2 * Math.PI));
    }

    private static void Hold<TActivation>(Func<double, double> expected)
        where TActivation : struct, IActivation
    {
        for (double x = -7; x <= 7; x += 0.37)
        {
            float[] values = [Value<TActivation, Lanes1, float>((float)x), Value<TActivation, Lanes256, Vector256<float>>((float)x), Value<TActivation, Lanes512, Vector512<float>>((float)x)];
            float[] slopes = [Slope<TActivation, Lanes1, float>((float)x), Slope<TActivation, Lanes256, Vector256<float>>((float)x), Slope<TActivation, Lanes512, Vector512<float>>((float)x)];
            const double Small = 1e-4;
            double at = (float)x;
            double slope = (expected(at + Small) - expected(at - Small)) / (2 * Small);
            Assert.All(values, value => Assert.Equal(expected(at), value, 1e-6 * Math.Max(1, Math.Abs(x))));
            Assert.All(slopes, value => Assert.Equal(slope, value, 2e-6));
        }
    }

    private static void Hold(Func<float, float> computed, Func<double, double> expected, double from, double to, double tolerance)
    {
        for (double x = from; x < to; x += 0.173)
        {
            Assert.Equal(1, computed((float)x) / expected((float)x), tolerance);
        }
    }

    private static float Exp<TLanes, TVector>(float x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => First<TLanes, TVector>(Functions<TLanes, TVector>.Exp(TLanes.Broadcast(x)));

    private static float Value<TActivation, TLanes, TVector>(float x)
        where TActivation : struct, IActivation
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => First<TLanes, TVector>(TActivation.Value<TLanes, TVector>(TLanes.Broadcast(x)));

    private static float Slope<TActivation, TLanes, TVector>(float x)
        where TActivation : struct, IActivation
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => First<TLanes, TVector>(TActivation.ValueAndSlope<TLanes, TVector>(TLanes.Broadcast(x)).Slope);

    private static float Rounded<TLanes, TVector>(float x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ushort* memory = stackalloc ushort[32];
        TLanes.StoreBrain(memory, TLanes.Broadcast(x));
        return First<TLanes, TVector>(TLanes.LoadBrain(memory));
    }

    private static float First<TLanes, TVector>(TVector vector)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float* memory = stackalloc float[32];
        TLanes.Store(memory, vector);
        return memory[0];
    }
}
