using System.Numerics;
using System.Runtime.InteropServices;

namespace Athanor.Generation.Processors;

/// <summary>What several processors compute of a row of logits; sums in double precision.</summary>
internal static class LogitsMath
{
    public const float Removed = float.NegativeInfinity;

    /// <summary>The largest logit; NaN if any is NaN.</summary>
    public static float Maximum(ReadOnlySpan<float> logits)
    {
        float maximum = Removed;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        if (vectors.Length > 0)
        {
            Vector<float> maxima = vectors[0];
            foreach (Vector<float> vector in vectors[1..])
            {
                maxima = Vector.Max(maxima, vector);
            }

            for (int lane = 0; lane < Vector<float>.Count; lane++)
            {
                maximum = MathF.Max(maximum, maxima[lane]);
            }
        }

        foreach (float logit in logits[(vectors.Length * Vector<float>.Count)..])
        {
            maximum = MathF.Max(maximum, logit);
        }

        return maximum;
    }

    /// <summary>ln Σ exp(logit), by way of the largest so that nothing overflows.</summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        float maximum = Maximum(logits);
        if (float.IsNegativeInfinity(maximum))
        {
            return double.NegativeInfinity;
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            if (logit != Removed)
            {
                sum += Math.Exp((double)logit - maximum);
            }
        }

        return maximum + Math.Log(sum);
    }

    /// <summary>H = −Σ p ln p in nats, given the logits' <see cref="LogSumExp"/>.</summary>
    public static double Entropy(ReadOnlySpan<float> logits, double logSum)
    {
        double entropy = 0;
        foreach (float logit in logits)
        {
            if (logit != Removed)
            {
                double logProbability = logit - logSum;
                entropy -= Math.Exp(logProbability) * logProbability;
            }
        }

        return entropy;
    }

    /// <summary>Removes every token whose logit is below a border.</summary>
    public static void RemoveBelow(Span<float> logits, double border)
    {
        foreach (ref float logit in logits)
        {
            if (logit < border)
            {
                logit = Removed;
            }
        }
    }
}
