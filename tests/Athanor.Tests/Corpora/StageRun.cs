using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Corpora;

namespace Athanor.Tests.Corpora;

/// <summary>Runs the stage into a folder, without a runner.</summary>
internal sealed class StageRun(string folder) : IProgressReporter, IProgressTask
{
    public List<string> Warnings { get; } = [];

    public string Output { get; } = Path.Combine(folder, "corpus");

    public async Task BuildAsync(BuildCorpusSettings settings, long seed = 1)
    {
        Directory.CreateDirectory(Output);
        using MetricsLog metrics = new(Path.Combine(folder, "metrics.jsonl"), TimeProvider.System);
        StageContext context = new()
        {
            Inputs = new Dictionary<string, Athanor.Core.Artifacts.Artifact>(),
            OutputFolder = Output,
            CheckpointFolder = folder,
            Random = new RandomStreams(seed),
            Progress = this,
            Metrics = metrics,
            Clock = TimeProvider.System,
        };
        await new BuildCorpusStage().RunAsync(settings, context, default);
    }

    public IProgressTask Begin(string name, long? total, string unit) => this;

    public void Say(string line)
    {
    }

    public void Warn(string line) => Warnings.Add(line);

    public void Report(long done, string? figures = null)
    {
    }

    public void Dispose()
    {
    }
}
