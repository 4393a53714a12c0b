using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Progress;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench plan RUN…</c>: what finished runs were predicted to cost, beside what they cost.</summary>
internal static class BenchPlanCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Argument<string[]> runs = new("RUN") { Description = "Names or folders of finished runs, such as quickstart; make them on an otherwise idle machine.", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("plan", "Compare what finished runs were predicted to cost with what they cost.") { runs, json };
        command.SetAction(result =>
        {
            Outcome[] outcomes = [.. result.GetRequiredValue(runs).Select(Of)];
            Write(outcomes, result.GetValue(json), result.InvocationConfiguration.Output);
            return CommandFrame.Done;
        });
        return command;
    }

    internal static Outcome Of(string run)
    {
        string named = Path.Combine("runs", run);
        run = Directory.Exists(run) ? run : Directory.Exists(named) ? named : throw new AthanorException($"no run {run}: there is no such folder, and none of that name in runs/", "make a run first: ./athanor run recipes/quickstart.yaml");
        ArtifactManifest[] stages =
        [
            .. Directory.EnumerateDirectories(run).Where(folder => File.Exists(Path.Combine(folder, ArtifactManifest.FileName)))
                .Select(folder => Artifact.Open(folder).Manifest).Where(manifest => manifest.Expected is not null),
        ];
        return stages.Length == 0
            ? throw new AthanorException($"{run} has no stage whose cost was predicted", "run its recipe again under another name (--name)")
            : new Outcome(
                Path.GetFileName(Path.TrimEndingDirectorySeparator(run)),
                new Pair(stages.Sum(stage => stage.Expected!.Seconds), stages.Sum(stage => stage.Cost.Seconds)),
                new Pair(stages.Max(stage => stage.Expected!.PeakMemoryBytes), stages.Max(stage => stage.Cost.PeakMemoryBytes)),
                new Pair(stages.Sum(stage => stage.Expected!.DiskBytes), stages.Sum(stage => stage.Files.Values.Sum(file => file.Bytes))));
    }

    private static void Write(IReadOnlyList<Outcome> outcomes, bool json, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(new JsonArray([.. outcomes.Select(outcome => (JsonNode)new JsonObject
            {
                ["run"] = outcome.Run,
                ["seconds"] = Json(outcome.Seconds),
                ["memory_bytes"] = Json(outcome.Memory),
                ["disk_bytes"] = Json(outcome.Disk),
            })]).ToJsonString(Indented));
            return;
        }

        foreach (Outcome outcome in outcomes)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{outcome.Run}: time {Quantities.Duration(TimeSpan.FromSeconds(outcome.Seconds.Expected))} predicted, {Quantities.Duration(TimeSpan.FromSeconds(outcome.Seconds.Happened))} taken ({outcome.Seconds.Error:+0 %;-0 %}); memory {Quantities.Bytes(outcome.Memory.Expected)}, {Quantities.Bytes(outcome.Memory.Happened)} ({outcome.Memory.Error:+0 %;-0 %}); disk {Quantities.Bytes(outcome.Disk.Expected)}, {Quantities.Bytes(outcome.Disk.Happened)} ({outcome.Disk.Error:+0 %;-0 %})"));
        }
    }

    private static JsonObject Json(Pair pair) => new() { ["foretold"] = pair.Expected, ["happened"] = pair.Happened, ["error"] = pair.Error };

    internal sealed record Outcome(string Run, Pair Seconds, Pair Memory, Pair Disk);

    internal sealed record Pair(double Expected, double Happened)
    {
        /// <summary>By how much the prediction was too high, as a share of what happened.</summary>
        public double Error => (Expected - Happened) / Happened;
    }
}
