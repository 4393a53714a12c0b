using Athanor.Models.Specifications;
using Xunit;

namespace Athanor.Tests.Models.Specifications;

public sealed class ModelPlanTests
{
    private static readonly ModelPlan Plan = ModelPlan.From(TransformerSpec.Llama(4096, 256, 128, 4, 2, 2, 64, 352, tiedHead: true));

    [Fact]
    public void Parameters_operations_and_cache_are_those_counted_by_hand()
    {
        long layer = (4 * 128 * 128) + (3 * 128 * 352) + (2 * 128);
        Assert.Equal((4096 * 128) + (4 * layer) + 128, Plan.Parameters);
        Assert.Equal((4096 * 128) + (4 * (layer - 256)), Plan.MultipliedParameters);
        Assert.Equal((6.0 * Plan.MultipliedParameters) + (6.0 * 4 * 128 * 256), Plan.TrainingFlopPerToken(256));
        Assert.Equal(2 * 4 * 128 * 4, Plan.CacheBytesPerToken(4));
        Assert.Equal(Plan.Parameters, Plan.ParametersByPart.Sum(part => part.Parameters));
    }

    [Fact]
    public void Hidden_matrices_are_for_Muon_and_norms_do_not_decay()
    {
        Assert.True(Plan["layers.3.feed_forward.down.weight"].IsHiddenMatrix);
        Assert.False(Plan["embedding.weight"].IsHiddenMatrix);
        Assert.True(Plan["embedding.weight"].Decays);
        Assert.False(Plan["final_norm.weight"].Decays);
        Assert.Equal(28, Plan.Weights.Count(weight => weight.IsHiddenMatrix));
    }

    [Fact]
    public void An_impossible_specification_is_refused() =>
        Assert.Throws<ArgumentException>(() => ModelPlan.From(TransformerSpec.Llama(4096, 256, 128, 4, 3, 2, 64, 352, tiedHead: true)));
}
