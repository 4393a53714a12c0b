using Athanor.Core.Randomness;
using Athanor.Statistics.Estimators;
using Xunit;

namespace Athanor.Tests.Statistics;

public sealed class EstimatorTests
{
    [Fact]
    public void A_single_number_has_no_error()
    {
        Assert.Equal(new MeanEstimate(3, 0, 1), MeanEstimate.Of([3]));
        Assert.True(double.IsNaN(MeanEstimate.Of([]).Mean));
    }

    [Fact]
    public void Pairs_that_differ_by_a_constant_have_no_error()
    {
        MeanEstimate estimate = MeanEstimate.OfDifferences([3, 5, 9], [1, 3, 7]);
        Assert.Equal((2, 0, 3), (estimate.Mean, estimate.StandardError, estimate.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => MeanEstimate.OfDifferences([1], [1, 2]));
    }

    [Fact]
    public void The_bootstrap_of_a_mean_agrees_with_the_formula()
    {
        RandomStream random = new RandomStreams(4).Open("bootstrap");
        double[] sample = [.. Enumerable.Range(0, 200).Select(_ => random.NextGaussian())];
        double[] means = Bootstrap.Distribution(Enumerable.Range(0, 2000).Select(_ => Bootstrap.Resample(sample.Length, random)), indices =>
        {
            double sum = 0;
            foreach (int index in indices)
            {
                sum += sample[index];
            }

            return sum / indices.Length;
        });
        MeanEstimate estimate = MeanEstimate.Of(sample);
        Assert.Equal(1, MeanEstimate.StandardDeviation(means) / estimate.StandardError, 0.1);
        Assert.Equal(estimate.Low, Bootstrap.Percentile(means, 0.025), 0.05);
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2 }, new[] { 0, 1, 2 }, 1)]
    [InlineData(new[] { 0, 1, 0, 1 }, new[] { 1, 0, 1, 0 }, -1)]
    [InlineData(new[] { 0, 1, 0, 1 }, new[] { 1, 1, 1, 1 }, 0)]
    public void Correlation_of_predictions(int[] labels, int[] predictions, double expected) => Assert.Equal(expected, MatthewsCorrelation.Of(labels, predictions), 12);
}
