using Athanor.Statistics.Estimators;
using Xunit;

namespace Athanor.Tests.Statistics.Estimators;

public sealed class WeightedMeanTests
{
    [Fact]
    public void With_equal_weights_it_is_the_mean_and_its_usual_standard_error()
    {
        double[] values = [0.5, 1, 2, 0.5];
        MeanEstimate estimate = MeanEstimate.OfWeighted(values, [3, 3, 3, 3]);
        MeanEstimate usual = MeanEstimate.Of(values);
        Assert.Equal(usual.Mean, estimate.Mean, 12);
        Assert.Equal(usual.StandardError, estimate.StandardError, 12);

        // the squares sum to 1.5, so s² = 0.5 and the error is √(0.5 / 4)
        Assert.Equal(Math.Sqrt(0.5 / 4), estimate.StandardError, 12);
    }

    [Fact]
    public void Weights_make_it_a_ratio_of_sums() => Assert.Equal((8.0 + 3) / 5, MeanEstimate.OfWeighted([2, 3], [4, 1]).Mean, 12);

    [Fact]
    public void One_number_has_no_standard_error() => Assert.Equal(new MeanEstimate(0.25, 0, 1), MeanEstimate.OfWeighted([0.25], [7]));
}
