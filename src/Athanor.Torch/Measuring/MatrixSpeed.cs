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
    private static readonly (long Size, int Rounds)[] Sizes = [(1024, 4), (2048, 2)];

    /// <summary>The best of single precision.</summary>
    public double Float32 => Math.Max(Float32Mkl, Float32OneDnn ?? 0);

    /// <summary>
    /// The library for single precision: oneDNN unless MKL is clearly (a tenth) faster. oneDNN is seldom slower, so that noise does not decide, and a run begun anew computes the same bits.
    /// </summary>
    public ProductBackend FasterBackend => 1.1 * Float32OneDnn > Float32Mkl ? ProductBackend.OneDnn : ProductBackend.Mkl;

    /// <summary>
    /// Measures, in about a second: square products of 1,024 and 2,048 into existing matrices, the best of several. Libraries and types take turns, so that other work on the
    /// machine slows all of them and hardly their ratio.
    /// </summary>
    /// <param name="cancellation">Stops between products.</param>
    public static MatrixSpeed Measure(CancellationToken cancellation = default)
    {
        ProductBackend before = Float32Products.Current;
        bool hasOneDnn = Float32Products.OneDnnIsExact;
        double mkl = 0, oneDnn = 0, half = 0;
        using IDisposable noGradient = torch.no_grad();
        try
        {
            foreach ((long size, int rounds) in Sizes)
            {
                using Products singles = new(size, torch.ScalarType.Float32);
                using Products halves = new(size, torch.ScalarType.BFloat16);
                for (int round = 0; round < rounds; round++)
                {
                    Float32Products.Use(ProductBackend.Mkl);
                    mkl = Math.Max(mkl, singles.Measure(cancellation));
                    if (hasOneDnn && Float32Products.Use(ProductBackend.OneDnn))
                    {
                        oneDnn = Math.Max(oneDnn, singles.Measure(cancellation));
                    }

                    half = Math.Max(half, halves.Measure(cancellation));
                }
            }

            return new MatrixSpeed(mkl, oneDnn > 0 ? oneDnn : null, half, torch.get_num_threads());
        }
        finally
        {
            Float32Products.Use(before);
        }
    }

    private sealed class Products(long size, torch.ScalarType type) : IDisposable
    {
        private readonly torch.Tensor _a = torch.full([size, size], 0.5, dtype: type);
        private readonly torch.Tensor _b = torch.full([size, size], 0.25, dtype: type);
        private readonly torch.Tensor _c = torch.zeros([size, size], dtype: type);

        // one product to warm library and caches up, one to measure
        public double Measure(CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            _c.addmm_(_a, _b, 0, 1);
            long start = Stopwatch.GetTimestamp();
            _c.addmm_(_a, _b, 0, 1);
            return 2.0 * size * size * size / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        }

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
            _c.Dispose();
        }
    }
}
