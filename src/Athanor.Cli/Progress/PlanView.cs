using System.Globalization;
using System.Text.Json.Nodes;
using Athanor.Core.Forecasts;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;

namespace Athanor.Cli.Progress;

/// <summary>What a run would do and cost, for <c>--dry-run</c>.</summary>
internal static class PlanView
{
    public static void Print(RunPlan plan, RunForecast forecast, TextWriter output)
    {
        output.WriteLine($"{plan.Recipe.Name} · seed {plan.Recipe.Seed}{(plan.Recipe.Profile is string profile ? $" · profile {profile}" : "")} · {plan.Folder}");
        if (plan.Recipe.Description.Length > 0)
        {
            output.WriteLine(plan.Recipe.Description);
        }

        for (int i = 0; i < plan.Stages.Count; i++)
        {
            PlannedStage stage = plan.Stages[i];
            output.WriteLine();
            output.WriteLine($"{i + 1}. {stage.Stage.Name} · {stage.Stage.Stage.Name} · {Word(stage.Status)}");
            foreach (string line in stage.Stage.Stage.Describe(stage.Stage.Settings).Split('\n'))
            {
                output.WriteLine($"   {line}");
            }

            output.WriteLine($"   {(stage.Status == StageStatus.Done ? "no cost" : Cost(forecast.Stages[i].Forecast))}");
            if (stage.Stage.Inputs.Count > 0)
            {
                output.WriteLine($"   reads {string.Join(", ", stage.Stage.Inputs.Select(input => input.Reference))}");
            }

            JsonObject changed = SettingsJson.ChangedOf(stage.Stage.Settings);
            output.WriteLine(changed.Count == 0 ? "   every setting has its default" : "   settings other than the defaults:");
            foreach ((string key, JsonNode? value) in changed)
            {
                output.WriteLine($"     {key}: {value?.ToJsonString() ?? "null"}");
            }
        }

        int done = plan.Stages.Count(stage => stage.Status == StageStatus.Done);
        output.WriteLine();
        if (done < plan.Stages.Count)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"In all about {Quantities.Duration(TimeSpan.FromSeconds(forecast.Seconds))} on this machine with nothing else running, {forecast.Flop:0.0e0} FLOP; at most {Quantities.Bytes(forecast.PeakMemoryBytes)} of memory ({Quantities.Bytes(forecast.MemoryBytes)} may be taken) and {Quantities.Bytes(forecast.PeakDiskBytes)} of disk ({Quantities.Bytes(forecast.FreeDiskBytes)} free), of which {Quantities.Bytes(forecast.DiskBytes)} stay."));
            if (forecast.Stages.Any(stage => stage.Forecast is null))
            {
                output.WriteLine("Stages that cannot tell are not in it.");
            }
        }

        foreach ((string fault, string cure) in forecast.Faults)
        {
            output.WriteLine($"It does not fit: {fault}: {cure}");
        }

        output.WriteLine($"Nothing was started. {plan.Stages.Count - done} of {plan.Stages.Count} stages to do{(done > 0 ? $", {done} done before" : "")}. What every setting means: ./athanor recipe settings");
    }

    private static string Cost(StageForecast? forecast) => forecast is null
        ? "what it costs cannot be told: an input is from outside, or its length follows from what the stage before finds"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"about {Quantities.Duration(TimeSpan.FromSeconds(forecast.Seconds))}, {Quantities.Bytes(forecast.PeakMemoryBytes)} of memory, {Quantities.Bytes(forecast.DiskBytes)} of disk{(forecast.Flop > 0 ? $", {forecast.Flop:0.0e0} FLOP" : "")}");

    private static string Word(StageStatus status) => status switch
    {
        StageStatus.Done => "done, will be kept",
        StageStatus.Begun => "begun, will go on",
        StageStatus.Outdated => "made from other settings or inputs, will be made anew",
        StageStatus.Again => "will be made again",
        _ => "to do",
    };
}
