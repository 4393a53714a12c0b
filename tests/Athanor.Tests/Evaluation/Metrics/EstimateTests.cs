using Athanor.Evaluation.Metrics;
using Xunit;

namespace Athanor.Tests.Evaluation.Metrics;

public sealed class EstimateTests
{
    [Fact]
    public void With_equal_weights_it_is_the_mean_and_its_usual_standard_error()
    {
        // the squares sum to 1.5, so s² = 0.5 and the error is √(0.5 / 4)
        Estimate estimate = Estimate.Mean([0.5, 1, 2, 0.5], [3, 3, 3, 3]);
        Assert.Equal(1, estimate.Value, 12);
        Assert.Equal(Math.Sqrt(0.5 / 4), estimate.StandardError, 12);
        Assert.Equal(4, estimate.Count);
    }

    [Fact]
    public void Weights_make_it_a_ratio_of_sums()
        => Assert.Equal((8.0 + 3) / 5, Estimate.Mean([2, 3], [4, 1]).Value, 12);

    [Fact]
    public void One_problem_has_no_standard_error() => Assert.Equal(new Estimate(0.25, 0, 1), Estimate.Mean([0.25], [7]));
}
