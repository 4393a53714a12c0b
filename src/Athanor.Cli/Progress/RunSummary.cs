using Athanor.Core.Artifacts;
using Athanor.Core.Runs;

namespace Athanor.Cli.Progress;

/// <summary>What a run made, and what to do with it.</summary>
internal static class RunSummary
{
    public static void Print(RunPlan plan, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{plan.Recipe.Name} is done:");
        double total = 0;
        string? model = null;
        foreach (PlannedStage stage in plan.Stages)
        {
            Artifact artifact = Artifact.Open(stage.Folders.Final);
            total += artifact.Manifest.Cost.Seconds;
            output.WriteLine($"  {stage.Stage.Name,-12} {Quantities.Duration(TimeSpan.FromSeconds(artifact.Manifest.Cost.Seconds)),12}  {Quantities.Bytes(artifact.Manifest.Files.Values.Sum(file => file.Bytes)),10}  {stage.Folders.Final}");
            model = artifact.Manifest.Kind == ArtifactKind.Model ? stage.Folders.Final : model;
        }

        output.WriteLine($"  {"in all",-12} {Quantities.Duration(TimeSpan.FromSeconds(total)),12}");
        output.WriteLine();
        output.WriteLine("Next:");
        string report = Path.Combine(plan.Folder, RecipeRunner.ReportFileName);
        if (File.Exists(report))
        {
            output.WriteLine($"  read the report            {report}");
        }

        if (model is not null)
        {
            output.WriteLine($"  talk to the model          ./athanor chat {model}");
            output.WriteLine($"  let it write               ./athanor generate {model} --prompt \"# File\"");
            output.WriteLine($"  see what it is made of     ./athanor model show {model}");
        }
    }
}
