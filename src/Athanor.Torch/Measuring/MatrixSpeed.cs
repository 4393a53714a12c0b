using System.Diagnostics;
using TorchSharp;

namespace Athanor.Torch.Measuring;

/// <summary>How fast this machine multiplies matrices, in GFLOP/s (2·n³ operations a product).</summary>
/// <param name="Float32Mkl">Single precision through MKL.</param>
/// <param name="Float32OneDnn">Single precision through oneDNN; null where it is not to be had in full precision.</param>
/// <param name="BFloat16">bfloat16.</param>
/// <param name="Threads">libtorch's threads.</param>
public sealed record MatrixSpeed(double Float32Mkl, double? Float32OneDnn, double BFloat16, int Threads)
{
    private static readonly long[] Sizes = [1024, 2048];

    /// <summary>The best of single precision.</summary>
    public double Float32 => Math.Max(Float32Mkl, Float32OneDnn ?? 0);

    /// <summary>The faster library for single precision; MKL unless oneDNN is clearly (a tenth) faster, so that noise does not decide.</summary>
    public ProductBackend FasterBackend => Float32OneDnn > 1.1 * Float32Mkl ? ProductBackend.OneDnn : ProductBackend.Mkl;

    /// <summary>Measures, in about a second: square products of 1,024 and 2,048 into existing matrices, the best of several.</summary>
    /// <param name="cancellation">Stops between products.</param>
    public static MatrixSpeed Measure(CancellationToken cancellation = default)
    {
        ProductBackend before = Float32Products.Current;
        try
        {
            Float32Products.Use(ProductBackend.Mkl);
            double mkl = Best(torch.ScalarType.Float32, cancellation);
            double? oneDnn = Float32Products.Use(ProductBackend.OneDnn) ? Best(torch.ScalarType.Float32, cancellation) : null;
            return new MatrixSpeed(mkl, oneDnn, Best(torch.ScalarType.BFloat16, cancellation), torch.get_num_threads());
        }
        finally
        {
            Float32Products.Use(before);
        }
    }

    private static double Best(torch.ScalarType type, CancellationToken cancellation)
    {
        using IDisposable noGradient = torch.no_grad();
        double best = 0;
        foreach (long size in Sizes)
        {
            using torch.Tensor a = torch.full([size, size], 0.5, dtype: type);
            using torch.Tensor b = torch.full([size, size], 0.25, dtype: type);
            using torch.Tensor c = torch.zeros([size, size], dtype: type);
            c.addmm_(a, b, 0, 1);
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < 12 && (i < 3 || Stopwatch.GetElapsedTime(begin).TotalMilliseconds < 150); i++)
            {
                cancellation.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                c.addmm_(a, b, 0, 1);
                best = Math.Max(best, 2.0 * size * size * size / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
            }
        }

        return best;
    }
}
