using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Progress;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench plan RUN…</c>: what finished runs were foretold to cost, beside what they cost.</summary>
internal static class BenchPlanCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Argument<string[]> runs = new("runs") { Description = "Folders of finished runs, such as runs/quickstart; make one with `athanor run` on an otherwise idle machine.", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("plan", "Set what finished runs were foretold to cost beside what they cost.") { runs, json };
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
        if (!Directory.Exists(run))
        {
            throw new AthanorException($"{run} is no folder of a run", "make a run first: athanor run recipes/quickstart.yaml");
        }

        ArtifactManifest[] stages =
        [
            .. Directory.EnumerateDirectories(run).Where(folder => File.Exists(Path.Combine(folder, ArtifactManifest.FileName)))
                .Select(folder => Artifact.Open(folder).Manifest).Where(manifest => manifest.Expected is not null),
        ];
        return stages.Length == 0
            ? throw new AthanorException($"{run} has no stage whose cost was foretold", "run its recipe again under another name")
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
                $"{outcome.Run}: time {Quantities.Duration(TimeSpan.FromSeconds(outcome.Seconds.Expected))} foretold, {Quantities.Duration(TimeSpan.FromSeconds(outcome.Seconds.Happened))} taken ({outcome.Seconds.Error:+0 %;-0 %}); memory {Quantities.Bytes(outcome.Memory.Expected)}, {Quantities.Bytes(outcome.Memory.Happened)} ({outcome.Memory.Error:+0 %;-0 %}); disk {Quantities.Bytes(outcome.Disk.Expected)}, {Quantities.Bytes(outcome.Disk.Happened)} ({outcome.Disk.Error:+0 %;-0 %})"));
        }
    }

    private static JsonObject Json(Pair pair) => new() { ["foretold"] = pair.Expected, ["happened"] = pair.Happened, ["error"] = pair.Error };

    internal sealed record Outcome(string Run, Pair Seconds, Pair Memory, Pair Disk);

    internal sealed record Pair(double Expected, double Happened)
    {
        /// <summary>By how much it was foretold too high, as a share of what happened.</summary>
        public double Error => (Expected - Happened) / Happened;
    }
}
