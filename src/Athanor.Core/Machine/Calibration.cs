using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;

namespace Athanor.Core.Machine;

/// <summary>Short measurements of what a machine's memory and processor give, for comparing runs by ratio. Each takes a fraction of a second.</summary>
public static class Calibration
{
    private const int Rounds = 5;

    /// <summary>Memory bandwidth of the triad a = b + s·c over arrays larger than caches, all cores (McCalpin's STREAM), in bytes a second; the best of a few rounds.</summary>
    public static double MemoryBandwidth(CancellationToken cancellation = default)
    {
        const int Length = 1 << 23;
        float[] a = new float[Length];
        float[] b = new float[Length];
        float[] c = new float[Length];
        b.AsSpan().Fill(1);
        c.AsSpan().Fill(2);
        int parts = Environment.ProcessorCount;
        return BestOf(() =>
        {
            Parallel.For(0, parts, new ParallelOptions { CancellationToken = cancellation }, part =>
            {
                int from = (int)((long)Length * part / parts);
                int count = (int)((long)Length * (part + 1) / parts) - from;
                Triad(a.AsSpan(from, count), b.AsSpan(from, count), c.AsSpan(from, count));
            });
        }, 3.0 * Length * sizeof(float));
    }

    /// <summary>SHA-256 on one core, in bytes a second.</summary>
    public static double Sha256()
    {
        byte[] bytes = new byte[32 << 20];
        byte[] digest = new byte[32];
        return BestOf(() => SHA256.HashData(bytes, digest), bytes.Length);
    }

    private static void Triad(Span<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c)
    {
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(b[i..]) + (new Vector<float>(3f) * new Vector<float>(c[i..]))).CopyTo(a[i..]);
        }

        for (; i < a.Length; i++)
        {
            a[i] = b[i] + (3f * c[i]);
        }
    }

    private static double BestOf(Action work, double amount)
    {
        double best = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Max(best, amount / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
