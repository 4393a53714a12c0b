using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Machine;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Recipes;
using Athanor.Core.Stages;

namespace Athanor.Core.Runs;

/// <summary>
/// Executes a recipe, a stage after the other. Whatever happens, power cut included, a stage's folder is whole or not there, and running the same
/// recipe again goes on where it stopped.
/// </summary>
/// <param name="runs">The folder that holds the runs.</param>
/// <param name="reporter">Who watches.</param>
/// <param name="clock">The clock.</param>
public sealed class RecipeRunner(string runs, IRunReporter reporter, TimeProvider clock)
{
    /// <summary>The recipe with every setting resolved, in the run's folder; itself a recipe that <c>athanor run</c> takes.</summary>
    public const string ResolvedFileName = "recipe.resolved.json";

    /// <summary>The page that a report stage makes, copied to the run's folder.</summary>
    public const string ReportFileName = "report.html";

    private static readonly TimeSpan StateInterval = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The command that started the run, as one would type it; the report shows it.</summary>
    public string Command { get; init; } = "";

    /// <summary>What each stage is expected to cost, by its name; kept in the artifacts, so that a report can set it beside what happened.</summary>
    public IReadOnlyDictionary<string, ExpectedCost> Expected { get; init; } = new Dictionary<string, ExpectedCost>();

    /// <summary>Runs what is not done.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="from">Run this stage and all after it again; null to run what is not done.</param>
    /// <param name="cancellation">Stops at the next safe point with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="AthanorException">Another process works in the run's folder, or a fault of a stage.</exception>
    public async Task<RunPlan> RunAsync(Recipe recipe, string? from, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using RunLock held = new(Path.Combine(runs, recipe.Name));
        AtomicFile.RemoveUnfinished(Path.Combine(runs, recipe.Name), SearchOption.TopDirectoryOnly);
        RunPlan plan = RunPlan.Of(recipe, runs, from);
        AtomicFile.WriteText(Path.Combine(plan.Folder, ResolvedFileName), Resolved(recipe).ToJsonString(Indented) + "\n");
        for (int i = 0; i < plan.Stages.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            PlannedStage stage = plan.Stages[i];
            stage.Folders.Recover(stage.Key);
            if (stage.Status == StageStatus.Done)
            {
                // also where the stage was done before: a kill may have come between the two, or the page was deleted
                PublishReport(plan.Folder, Artifact.Open(stage.Folders.Final));
                reporter.StageSkipped(stage, i + 1, plan.Stages.Count);
                continue;
            }

            reporter.StageStarted(stage, i + 1, plan.Stages.Count);
            Artifact artifact = await RunStageAsync(plan, stage, cancellation).ConfigureAwait(false);
            PublishReport(plan.Folder, artifact);
            reporter.StageFinished(stage, artifact);
        }

        return plan;
    }

    private static void PublishReport(string run, Artifact artifact)
    {
        if (artifact.Manifest.Kind == ArtifactKind.Report && artifact.Has(ReportFileName))
        {
            AtomicFile.Write(Path.Combine(run, ReportFileName), stream =>
            {
                using FileStream page = File.OpenRead(artifact.PathOf(ReportFileName));
                page.CopyTo(stream);
            });
        }
    }

    private static JsonObject Resolved(Recipe recipe)
    {
        JsonObject stages = [];
        foreach (RecipeStage stage in recipe.Stages)
        {
            JsonObject json = new() { [RecipeReader.Use] = stage.Stage.Name };
            foreach ((string key, JsonNode? value) in SettingsJson.Of(stage.Settings))
            {
                json[key] = value?.DeepClone();
            }

            stages[stage.Name] = json;
        }

        return new JsonObject { ["name"] = recipe.Name, ["description"] = recipe.Description, ["seed"] = recipe.Seed, ["stages"] = stages };
    }

    private async Task<Artifact> RunStageAsync(RunPlan plan, PlannedStage planned, CancellationToken cancellation)
    {
        StageFolders folders = planned.Folders;
        StageState before = folders.Begin(planned.Key, afresh: planned.Status == StageStatus.Again);
        MachineProbe.ResetPeakMemory();
        long start = clock.GetTimestamp();
        StageState Now() => before with
        {
            Seconds = before.Seconds + clock.GetElapsedTime(start).TotalSeconds,
            PeakMemoryBytes = Math.Max(before.PeakMemoryBytes, MachineProbe.PeakMemoryBytes()),
        };

        StageContext context;
        using (MetricsLog metrics = new(folders.Metrics, clock))
        {
            context = new StageContext
            {
                Inputs = planned.Stage.Inputs.ToDictionary(input => input.Reference, input => Artifact.Open(input.IsStage ? Path.Combine(plan.Folder, input.Reference) : input.Reference)),
                OutputFolder = Path.GetFullPath(folders.Output),
                CheckpointFolder = Path.GetFullPath(folders.Checkpoints),
                Random = new RandomStreams(plan.Recipe.Seed),
                Progress = reporter,
                Metrics = metrics,
                Clock = clock,
                Run = new RunDescription(plan.Recipe.Name, Path.GetFullPath(plan.Folder), plan.Recipe.Path, plan.Recipe.Text, Command, [.. plan.Recipe.Stages.Select(stage => new RunStage(stage.Name, stage.Stage))]),
            };
            await RunKeepingTimeAsync(planned, context, () => folders.WriteState(Now()), cancellation).ConfigureAwait(false);
            metrics.Flush();
        }

        if (new FileInfo(folders.Metrics).Length > 0)
        {
            File.Move(folders.Metrics, Path.Combine(folders.Output, MetricsLog.FileName), overwrite: true);
        }

        Dictionary<string, ArtifactFile> files = Seal(folders.Output);
        StageState spent = Now();
        ArtifactManifest manifest = new()
        {
            Kind = planned.Stage.Stage.Produces,
            Key = planned.Key,
            Stage = planned.Stage.Stage.Name,
            StageVersion = planned.Stage.Stage.Version,
            Settings = JsonSerializer.SerializeToElement(SettingsJson.Of(planned.Stage.Settings)),
            Inputs = planned.Inputs,
            Files = files,
            Cost = new ArtifactCost(Math.Round(spent.Seconds, 3), spent.PeakMemoryBytes, context.Cost.Tokens, context.Cost.Flop),
            Expected = Expected.GetValueOrDefault(planned.Stage.Name),
            Machine = MachineProbe.Facts(),
            Created = clock.GetUtcNow(),
        };

        // the manifest comes last: a folder that has one is whole
        AtomicFile.WriteText(Path.Combine(folders.Output, ArtifactManifest.FileName), JsonSerializer.Serialize(manifest, Artifact.Json));
        folders.MoveIntoPlace();
        return Artifact.Open(folders.Final);
    }

    // time spent is noted every few seconds, so that a kill loses no more of it
    private async Task RunKeepingTimeAsync(PlannedStage planned, StageContext context, Action keepTime, CancellationToken cancellation)
    {
        using CancellationTokenSource done = new();
        Task keeper = Task.Run(async () =>
        {
            using PeriodicTimer timer = new(StateInterval, clock);
            try
            {
                while (await timer.WaitForNextTickAsync(done.Token).ConfigureAwait(false))
                {
                    keepTime();
                }
            }
            catch (OperationCanceledException)
            {
            }
        }, CancellationToken.None);
        try
        {
            // on a thread of its own: a stage that never awaits must not hold whoever called
            await Task.Run(() => planned.Stage.Stage.RunAsync(planned.Stage.Settings, context, cancellation), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await keeper.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                keepTime();
            }
            catch (AthanorException)
            {
                // the disk is full: what ended the stage is worth more than the time it took
            }
        }
    }

    // makes every file and folder durable and notes the digests
    private static Dictionary<string, ArtifactFile> Seal(string folder)
    {
        AtomicFile.RemoveUnfinished(folder, SearchOption.AllDirectories);
        Dictionary<string, ArtifactFile> files = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            Durable.FlushFile(file);
            files[Path.GetRelativePath(folder, file).Replace('\\', '/')] = new ArtifactFile(new FileInfo(file).Length, ContentDigest.OfFile(file));
        }

        foreach (string inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
        {
            Durable.FlushFolder(inner);
        }

        return files;
    }
}
