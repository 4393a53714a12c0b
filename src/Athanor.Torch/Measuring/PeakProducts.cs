using System.Diagnostics;
using TorchSharp;

namespace Athanor.Torch.Measuring;

/// <summary>The best rate of matrix products that this process reaches: what a training's speed is a share of.</summary>
public static class PeakProducts
{
    private const int Rounds = 3;

    private static readonly long[] Sizes = [1024, 2048, 4096];

    /// <summary>Measures square products of 1,024, 2,048 and 4,096 into existing matrices, in single precision by every library that is exact here; takes a few seconds.</summary>
    /// <param name="type">The type of the products.</param>
    /// <param name="cancellation">Stops between products.</param>
    /// <returns>The best, in FLOP/s (2·n³ a product).</returns>
    public static double Measure(FloatType type, CancellationToken cancellation = default)
    {
        ProductBackend before = Float32Products.Current;
        double best = 0;
        try
        {
            foreach (long size in Sizes)
            {
                using torch.Tensor a = torch.full([size, size], 0.5, dtype: type.Computed());
                using torch.Tensor b = torch.full([size, size], 0.25, dtype: type.Computed());
                using torch.Tensor c = torch.zeros([size, size], dtype: type.Computed());
                foreach (ProductBackend backend in Enum.GetValues<ProductBackend>())
                {
                    if (type == FloatType.Float32 ? !Float32Products.Use(backend) : backend != ProductBackend.Mkl)
                    {
                        continue;
                    }

                    // the first warms library and caches up
                    c.addmm_(a, b, 0, 1);
                    for (int round = 0; round < Rounds; round++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        long start = Stopwatch.GetTimestamp();
                        c.addmm_(a, b, 0, 1);
                        best = Math.Max(best, 2.0 * size * size * size / Stopwatch.GetElapsedTime(start).TotalSeconds);
                    }
                }
            }

            return best;
        }
        finally
        {
            Float32Products.Use(before);
        }
    }
}
