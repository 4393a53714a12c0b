namespace Athanor.Evaluation.Metrics;

/// <summary>An estimate with its standard error.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="StandardError">Its standard error over problems; 0 where there is only one.</param>
/// <param name="Count">How many problems.</param>
internal readonly record struct Estimate(double Value, double StandardError, int Count)
{
    /// <summary>
    /// The mean of values weighted by what each problem counts. With equal weights the standard error is the usual s/√n; else that of a ratio of sums by
    /// linearisation (Cochran 1977, "Sampling techniques", section 6.4).
    /// </summary>
    public static Estimate Mean(IReadOnlyList<double> values, IReadOnlyList<double> weights)
    {
        int count = values.Count;
        double total = weights.Sum();
        if (count == 0 || total <= 0)
        {
            return new Estimate(double.NaN, 0, count);
        }

        double mean = values.Zip(weights, (value, weight) => value * weight).Sum() / total;
        double squares = values.Zip(weights, (value, weight) => weight * weight * (value - mean) * (value - mean)).Sum();
        return new Estimate(mean, count == 1 ? 0 : Math.Sqrt(squares * count / (count - 1)) / total, count);
    }
}
