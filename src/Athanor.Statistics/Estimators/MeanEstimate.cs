namespace Athanor.Statistics.Estimators;

/// <summary>A mean with how sure it is.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Its standard error, s/√n with the standard deviation s over n − 1; 0 for a single number.</param>
/// <param name="Count">How many numbers it is of.</param>
public readonly record struct MeanEstimate(double Mean, double StandardError, int Count)
{
    // The 97.5 % quantile of the standard normal distribution
    private const double Quantile = 1.959963984540054;

    /// <summary>The lower end of the interval that holds the true mean in 95 % of samples (normal approximation).</summary>
    public double Low => Mean - (Quantile * StandardError);

    /// <summary>The upper end of that interval.</summary>
    public double High => Mean + (Quantile * StandardError);

    /// <summary>Estimates the mean of independent numbers.</summary>
    public static MeanEstimate Of(ReadOnlySpan<double> values)
    {
        double mean = MeanOf(values);
        return new MeanEstimate(mean, values.Length < 2 ? 0 : StandardDeviation(values) / Math.Sqrt(values.Length), values.Length);
    }

    /// <summary>Estimates the mean of first − second over pairs; a comparison on the same problems is sharper than one of two means.</summary>
    public static MeanEstimate OfDifferences(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(second.Length, first.Length);
        double[] differences = new double[first.Length];
        for (int at = 0; at < differences.Length; at++)
        {
            differences[at] = first[at] - second[at];
        }

        return Of(differences);
    }

    /// <summary>
    /// Estimates Σ w·x / Σ w over independent pairs, such as bits per byte of documents weighted by their bytes. With equal weights it is <see cref="Of"/>; else
    /// the standard error is that of a ratio of sums by linearisation (Cochran 1977, "Sampling techniques", section 6.4).
    /// </summary>
    public static MeanEstimate OfWeighted(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, values.Length);
        double total = 0;
        double sum = 0;
        for (int at = 0; at < values.Length; at++)
        {
            total += weights[at];
            sum += weights[at] * values[at];
        }

        double mean = sum / total;
        double squares = 0;
        for (int at = 0; at < values.Length; at++)
        {
            double residual = weights[at] * (values[at] - mean);
            squares += residual * residual;
        }

        int count = values.Length;
        return new MeanEstimate(mean, count < 2 ? 0 : Math.Sqrt(squares * count / (count - 1)) / total, count);
    }

    /// <summary>The standard deviation over n − 1; 0 for fewer than two numbers.</summary>
    public static double StandardDeviation(ReadOnlySpan<double> values)
    {
        if (values.Length < 2)
        {
            return 0;
        }

        double mean = MeanOf(values);
        double squares = 0;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return Math.Sqrt(squares / (values.Length - 1));
    }

    private static double MeanOf(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return values.IsEmpty ? double.NaN : sum / values.Length;
    }
}
