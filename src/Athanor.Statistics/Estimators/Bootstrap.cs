using Athanor.Core.Randomness;

namespace Athanor.Statistics.Estimators;

/// <summary>The bootstrap (Efron 1979): how a statistic would vary is seen by computing it on resamples of the sample, drawn with replacement.</summary>
public static class Bootstrap
{
    /// <summary>Draws the indices of one resample.</summary>
    public static int[] Resample(int count, RandomStream random)
    {
        int[] indices = new int[count];
        for (int at = 0; at < count; at++)
        {
            indices[at] = random.NextInt32(count);
        }

        return indices;
    }

    /// <summary>The statistic of each resample, in increasing order.</summary>
    /// <param name="resamples">Indices into the sample, a row a resample.</param>
    /// <param name="statistic">The statistic of the items with these indices.</param>
    public static double[] Distribution(IEnumerable<int[]> resamples, Func<ReadOnlySpan<int>, double> statistic)
    {
        double[] values = [.. resamples.Select(indices => statistic(indices))];
        Array.Sort(values);
        return values;
    }

    /// <summary>The value below which a share of the sorted values lies, by linear interpolation at position share · (n − 1).</summary>
    public static double Percentile(ReadOnlySpan<double> sorted, double share)
    {
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
