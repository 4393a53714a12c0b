using Athanor.Core.Forecasts;
using Athanor.Models.Specifications;
using Athanor.Training.Forecasts;
using Athanor.Training.Optimizers;
using Athanor.Training.Pretraining;
using Xunit;

namespace Athanor.Tests.Training.Forecasts;

public sealed class TrainingTrialTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_small_model_is_tried_once()
    {
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(300, 32, 32, 1, 2, 2, 16, 64, tiedHead: true));
        TrainingTrial first = Try(plan);
        Assert.True(first.GradientSecondsPerToken > 0 && first.OptimizerSeconds > 0 && first.ScoringSecondsPerToken > 0 && first.MemoryBytes > 0);
        Assert.Equal(first, Try(plan));
    }

    [Fact]
    public void A_model_that_no_memory_holds_is_reckoned_and_not_tried()
    {
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(32_000, 256, 16_384, 200, 128, 8, 128, 43_712, tiedHead: true));
        TrainingTrial trial = Try(plan);
        Assert.True(trial.MemoryBytes > 16 * plan.Parameters);
        Assert.True(trial.GradientSecondsPerToken > 1e-3);
    }

    private TrainingTrial Try(ModelPlan plan) => TrainingTrial.Of(plan, NumberTypeChoice.Fp32, OptimizerChoice.MuonAndAdamw, 2, 32, MachineMeasurements.Open(_folder["."], TimeProvider.System));
}
