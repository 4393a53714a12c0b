using System.Text.Json.Nodes;
using Athanor.Core.Files;
using Athanor.Statistics.Estimators;

namespace Athanor.Conformance.Statistics;

public sealed class StandardErrorsKind : IConformanceKind
{
    public string Kind => "standard-errors";

    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        double[] scores = [.. reference.Parameters["scores"]!.AsArray().Select(score => score!.GetValue<double>())];
        int[] labels = Integers(reference.Parameters["labels"]!);
        int[] predictions = Integers(reference.Parameters["predictions"]!);
        using SafetensorsFile inputs = reference.OpenInputs();
        int columns = (int)inputs.Tensors["bootstrap_indices"].Shape[1];
        int[][] resamples = [.. inputs.ReadIntegers("bootstrap_indices").Select(index => (int)index).Chunk(columns)];

        MeanEstimate estimate = MeanEstimate.Of(scores);
        results.AddValue("mean", estimate.Mean);
        results.AddValue("standard_error", estimate.StandardError);
        results.AddValue("interval_95", new[] { estimate.Low, estimate.High });
        double[] means = Bootstrap.Distribution(resamples, indices => MeanEstimate.Of(Pick(scores, indices)).Mean);
        results.AddValue("bootstrap_standard_error", MeanEstimate.StandardDeviation(means));
        results.AddValue("bootstrap_percentiles_2_5_97_5", new[] { Bootstrap.Percentile(means, 0.025), Bootstrap.Percentile(means, 0.975) });
        double[] correlations = Bootstrap.Distribution(resamples, indices => MatthewsCorrelation.Of(Pick(labels, indices), Pick(predictions, indices)));
        results.AddValue("bootstrap_standard_error_mcc", MeanEstimate.StandardDeviation(correlations));
    }

    private static T[] Pick<T>(T[] items, ReadOnlySpan<int> indices)
    {
        T[] picked = new T[indices.Length];
        for (int at = 0; at < picked.Length; at++)
        {
            picked[at] = items[indices[at]];
        }

        return picked;
    }

    private static int[] Integers(JsonNode list) => [.. list.AsArray().Select(item => item!.GetValue<int>())];
}
