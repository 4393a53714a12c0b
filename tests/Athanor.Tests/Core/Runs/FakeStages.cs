using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Forecasts;
using Athanor.Core.Randomness;
using Athanor.Core.Runs;
using Athanor.Core.Stages;

namespace Athanor.Tests.Core.Runs;

/// <summary>Settings that use every kind of value a recipe knows.</summary>
public sealed record NumbersSettings
{
    /// <summary>How many numbers are drawn.</summary>
    [Range(1, 1000)]
    public int Count { get; init; } = 20;

    /// <summary>Milliseconds between two numbers.</summary>
    [Range(0.0, 1000.0)]
    public double Pause { get; init; }

    /// <summary>Fails after so many numbers; null never does.</summary>
    public int? FailAfter { get; init; }

    public long Budget { get; init; } = 5;

    public bool Sorted { get; init; }

    public Flavour Flavour { get; init; }

    public IReadOnlyList<string> Parts { get; init; } = ["a"];

    [Range(0.0, 1.0)]
    public IReadOnlyDictionary<string, double>? Mixture { get; init; }

    public NestedSettings Nested { get; init; } = new();

    [SourcePath]
    public string? Path { get; init; }
}

public sealed record NestedSettings
{
    public double Rate { get; init; } = 0.5;

    public string? Title { get; init; }
}

public enum Flavour
{
    PlainVanilla,
    DarkChocolate,
}

/// <summary>Draws random numbers with a pause between them; keeps a checkpoint every few.</summary>
internal sealed class NumbersStage : IStage<NumbersSettings>
{
    private const int CheckpointEvery = 5;

    public string Name => "numbers.draw";

    public int Version { get; init; } = 1;

    public ArtifactKind Produces => ArtifactKind.Corpus;

    public string Purpose => "Draws numbers. They are random.";

    public string SurveySection => "1";

    public int Runs { get; private set; }

    public string Describe(NumbersSettings settings) => $"draws {settings.Count} numbers";

    public StageForecast? Forecast(NumbersSettings settings, ForecastContext context) => new()
    {
        Seconds = settings.Count,
        PeakMemoryBytes = settings.Budget,
        DiskBytes = 10 * settings.Count,
        CheckpointBytes = 1_000,
        Flop = 2,
        Output = new ArtifactForecast { TextBytes = settings.Count },
    };

    public async Task RunAsync(NumbersSettings settings, StageContext context, CancellationToken cancellation)
    {
        Runs++;
        string checkpoint = Path.Combine(context.CheckpointFolder, "numbers.txt");
        List<string> drawn = File.Exists(checkpoint) ? [.. await File.ReadAllLinesAsync(checkpoint, cancellation)] : [];
        context.Metrics.CutAfter(drawn.Count);
        RandomStream random = context.Random.Open("numbers");
        random.Position = (ulong)drawn.Count;
        using IProgressTask progress = context.Progress.Begin("drawing", settings.Count, "numbers");
        while (drawn.Count < settings.Count)
        {
            if (drawn.Count == settings.FailAfter)
            {
                throw new InvalidOperationException("asked to fail");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(settings.Pause), cancellation);
            uint number = random.NextUInt32();
            drawn.Add(number.ToString(CultureInfo.InvariantCulture));
            context.Metrics.Append(drawn.Count, new Dictionary<string, double> { ["number"] = number });
            progress.Report(drawn.Count);
            if (drawn.Count % CheckpointEvery == 0)
            {
                AtomicFile.WriteText(checkpoint, string.Join('\n', drawn) + "\n");
            }
        }

        context.Cost.Tokens = drawn.Count;
        await File.WriteAllLinesAsync(Path.Combine(context.OutputFolder, "numbers.txt"), drawn, cancellation);
    }
}

public sealed record SumSettings
{
    [Input(ArtifactKind.Corpus)]
    public string Numbers { get; init; } = "numbers";

    [Input(ArtifactKind.Scores)]
    public IReadOnlyList<string> Others { get; init; } = [];

    public double Factor { get; init; } = 1;
}

/// <summary>Adds the numbers of a <see cref="NumbersStage"/>.</summary>
internal sealed class SumStage : IStage<SumSettings>
{
    public string Name => "numbers.sum";

    public int Version => 1;

    public ArtifactKind Produces => ArtifactKind.Scores;

    public string Purpose => "Adds them.";

    public string SurveySection => "2";

    public int Runs { get; private set; }

    public string Describe(SumSettings settings) => "adds";

    public StageForecast? Forecast(SumSettings settings, ForecastContext context) => new() { Seconds = context.Input(settings.Numbers).TextBytes / 2.0, PeakMemoryBytes = 4, DiskBytes = 40, Flop = 2 };

    public Task RunAsync(SumSettings settings, StageContext context, CancellationToken cancellation)
    {
        Runs++;
        double sum = File.ReadLines(context.Input(settings.Numbers).PathOf("numbers.txt")).Sum(line => double.Parse(line, CultureInfo.InvariantCulture)) * settings.Factor;
        AtomicFile.Write(Path.Combine(context.OutputFolder, "deep", "sum.txt"), stream => stream.Write(Encoding.UTF8.GetBytes(sum.ToString(CultureInfo.InvariantCulture))));
        return Task.CompletedTask;
    }
}

/// <summary>Keeps what a run says.</summary>
internal sealed class RecordingReporter : IRunReporter
{
    private readonly List<string> _events = [];

    public IReadOnlyList<string> Events => _events;

    public IProgressTask Begin(string name, long? total, string unit) => new NoTask();

    public void Say(string line) => _events.Add(line);

    public void Warn(string line) => _events.Add($"warning: {line}");

    public void StageStarted(PlannedStage stage, int number, int count) => _events.Add($"start {stage.Stage.Name}");

    public void StageSkipped(PlannedStage stage, int number, int count) => _events.Add($"skip {stage.Stage.Name}");

    public void StageFinished(PlannedStage stage, Artifact artifact) => _events.Add($"finish {stage.Stage.Name}");

    private sealed class NoTask : IProgressTask
    {
        public void Report(long done, string? figures = null)
        {
        }

        public void Dispose()
        {
        }
    }
}
