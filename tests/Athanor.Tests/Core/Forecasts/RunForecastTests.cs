using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Forecasts;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Athanor.Tests.Core.Runs;
using Xunit;

namespace Athanor.Tests.Core.Forecasts;

public sealed class RunForecastTests : IDisposable
{
    private const string Text = "name: run\nstages: { numbers: { use: numbers.draw }, sum: { use: numbers.sum } }";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stage_is_predicted_from_what_its_inputs_will_be()
    {
        RunForecast forecast = Forecast("numbers.count=30");
        Assert.Equal(["numbers", "sum"], forecast.Stages.Select(stage => stage.Stage.Stage.Name));
        Assert.Equal(30 + 15, forecast.Seconds);
        Assert.Equal(4, forecast.Flop);
        Assert.Equal(300 + 40, forecast.DiskBytes);
        Assert.Equal(300 + 1_000, forecast.PeakDiskBytes);
        Assert.Empty(forecast.Faults);
        Assert.Equal(15, forecast.Expected["sum"].Seconds);
    }

    [Fact]
    public void What_needs_more_memory_than_there_is_does_not_fit()
    {
        RunForecast forecast = Forecast("numbers.budget=1000000000000000");
        Assert.StartsWith("numbers needs 1000000.0 GB of memory", forecast.Faults[0].Fault, StringComparison.Ordinal);

        // the heap keeps most of it for the stages that follow
        Assert.Equal(900_000_000_000_000, forecast.Expected["sum"].PeakMemoryBytes);
    }

    [Fact]
    public async Task What_is_done_costs_nothing_and_its_artifact_keeps_what_was_predicted()
    {
        Recipe recipe = Read();
        RunForecast before = Forecast();
        await new RecipeRunner(_folder["runs"], new RecordingReporter(), TimeProvider.System) { Expected = before.Expected }.RunAsync(recipe, null, TestContext.Current.CancellationToken);
        Assert.Equal(new ExpectedCost(20, 5, 200, 2), Artifact.Open(_folder["runs/run/numbers"]).Manifest.Expected);
        RunForecast after = Forecast();
        Assert.Equal((0, 0, 0), (after.Seconds, after.DiskBytes, after.PeakMemoryBytes));
    }

    private RunForecast Forecast(params IReadOnlyList<string> overlays) =>
        RunForecast.Of(RunPlan.Of(Read(overlays), _folder["runs"]), MachineMeasurements.Open(_folder["runs"], TimeProvider.System), TestContext.Current.CancellationToken);

    private Recipe Read(params IReadOnlyList<string> overlays)
    {
        AtomicFile.WriteText(_folder["recipe.yaml"], Text);
        return new RecipeReader([new NumbersStage(), new SumStage()]).Read(_folder["recipe.yaml"], new RecipeOptions { Overlays = overlays });
    }
}
