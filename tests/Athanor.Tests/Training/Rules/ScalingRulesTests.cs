using Athanor.Core.Errors;
using Athanor.Training.Pretraining;
using Athanor.Training.Rules;
using Xunit;

namespace Athanor.Tests.Training.Rules;

public sealed class ScalingRulesTests
{
    [Theory]
    [InlineData(4, 128, 2, 2, 352)]
    [InlineData(12, 768, 12, 6, 2048)]
    [InlineData(32, 4096, 32, 8, 10912)]
    public void Depth_gives_the_sizes_that_the_rules_promise(int depth, int width, int heads, int keyValueHeads, int feedForward)
    {
        ScalingRules rules = new();
        Assert.Equal((width, heads, keyValueHeads, feedForward), (rules.Width(null, depth), rules.Heads(null, width), rules.KeyValueHeads(null, heads), rules.FeedForwardSize(null, width)));
        Assert.Equal(["R1", "R2", "R3", "R4"], rules.Derived.Select(value => value.Rule));
    }

    [Fact]
    public void The_quickstart_follows_from_its_depth_and_budget()
    {
        PretrainingPlan plan = PretrainingPlan.From(new PretrainSettings { TrainingFlop = ScalingRules.AnchorFlop }, 4096);
        Assert.Equal((128, 4, 5e-3, 5e-3), (plan.Model.Spec.Width, plan.BatchRows, plan.MatrixLearningRate, plan.LearningRate));
        Assert.InRange(plan.Flop, 0.999 * ScalingRules.AnchorFlop, 1.001 * ScalingRules.AnchorFlop);
    }

    [Fact]
    public void What_the_user_sets_wins_and_is_said_to_be_the_user_s()
    {
        PretrainingPlan plan = PretrainingPlan.From(new PretrainSettings { Width = 96, Heads = 3, BatchRows = 11, LearningRate = 0.25, TrainingTokens = 100_000 }, 512);
        Assert.Equal((96, 11, 0.25), (plan.Model.Spec.Width, plan.BatchRows, plan.LearningRate));
        Assert.All(["width", "heads", "batch_rows", "learning_rate", "training_tokens"], setting => Assert.Equal("set by the user", plan.Derived.Single(value => value.Setting == setting).Source));
        Assert.NotEqual("set by the user", plan.Derived.Single(value => value.Setting == "matrix_learning_rate").Source);
    }

    [Fact]
    public void An_impossible_model_is_refused() =>
        Assert.Throws<AthanorException>(() => PretrainingPlan.From(new PretrainSettings { Width = 100, Heads = 3 }, 512));
}
