using System.CommandLine;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Progress;
using Athanor.Cli.Stages;
using Athanor.Core.Errors;
using Athanor.Core.Forecasts;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor run RECIPE</c>: executes a recipe.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string> recipe = new("RECIPE") { Description = "The recipe, such as recipes/quickstart.yaml." };
        Option<string?> name = new("--name") { Description = "The run's name, which its folder has too; without it the recipe's name, with a profile also the profile's.", HelpName = "name" };
        Option<string?> profile = new("--profile") { Description = "A profile of the recipe, such as smoke: everything tiny, to see that it works.", HelpName = "profile" };
        Option<string[]> set = new("--set") { Description = "A setting laid over the recipe, such as pretrain.depth=2 or seed=3; may be given several times.", HelpName = "stage.key=value" };
        Option<string?> from = new("--from") { Description = "Run this stage and all after it again, even where they are done.", HelpName = "stage" };
        Option<bool> dryRun = new("--dry-run") { Description = "Start nothing; say what each stage would do and what it would cost on this machine (time, memory, disk, FLOP, from a few seconds of measuring), and what is done already." };
        Option<string?> budget = new("--budget") { Description = "Let model and training tokens grow or shrink until the run takes this long, such as 2h or 45min.", HelpName = "time" };
        Option<bool> force = new("--force") { Description = "Begin even where memory or disk will not suffice." };
        Option<string> runs = new("--runs") { Description = "The folder that holds the runs.", HelpName = "folder", DefaultValueFactory = _ => "runs" };
        Command command = new("run", "Run a recipe: every stage that is not done yet, from raw text to the report.") { recipe, name, profile, set, from, dryRun, budget, force, runs };
        command.SetAction((result, cancellation) => RunAsync(new Request(
            result.GetRequiredValue(recipe),
            new RecipeOptions { Name = result.GetValue(name), Profile = result.GetValue(profile), Overlays = result.GetValue(set) ?? [] },
            result.GetRequiredValue(runs),
            result.GetValue(from),
            result.GetValue(dryRun),
            result.GetValue(budget),
            result.GetValue(force)), result.InvocationConfiguration, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Request request, InvocationConfiguration streams, CancellationToken cancellation)
    {
        MachineMeasurements machine = MachineMeasurements.Open(request.Runs, TimeProvider.System);
        if (request.Budget is string budget)
        {
            request = request with { Options = TimeBudget.Fill(request.Path, request.Options, TimeBudget.Read(budget), machine, request.Runs, streams.Output, cancellation) };
        }

        Recipe recipe = new RecipeReader(StageCatalog.All()).Read(request.Path, request.Options);
        RunPlan planned = RunPlan.Of(recipe, request.Runs, request.From);
        RunForecast forecast = RunForecast.Of(planned, machine, cancellation);
        if (request.DryRun)
        {
            PlanView.Print(planned, forecast, streams.Output);
            return CommandFrame.Done;
        }

        if (forecast.Faults.Count > 0 && !request.Force)
        {
            (string fault, string cure) = forecast.Faults[0];
            throw new AthanorException($"{request.Path} does not fit this machine: {fault}", $"{cure}; or add --force to begin all the same");
        }

        using ConsoleRunReporter reporter = ConsoleRunReporter.For(streams.Output, TimeProvider.System);
        try
        {
            RunPlan plan = await new RecipeRunner(request.Runs, reporter, TimeProvider.System) { Command = request.Line(), Expected = forecast.Expected }.RunAsync(recipe, request.From, cancellation).ConfigureAwait(false);
            reporter.Dispose();
            RunSummary.Print(plan, streams.Output);
            return CommandFrame.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            reporter.Dispose();
            streams.Error.WriteLine($"stopped; this goes on where it stopped:\n  {request.Line()}");
            return CommandFrame.Interrupted;
        }
    }

    private sealed record Request(string Path, RecipeOptions Options, string Runs, string? From, bool DryRun, string? Budget, bool Force)
    {
        // the command that runs this, or goes on with it: without --from, since what was begun again goes on and does not begin a third time
        public string Line()
        {
            List<string> words = ["./athanor", "run", Path];
            words.AddRange(Options.Name is string name ? ["--name", name] : []);
            words.AddRange(Options.Profile is string profile ? ["--profile", profile] : []);
            words.AddRange(Options.Overlays.SelectMany(overlay => new[] { "--set", overlay }));
            words.AddRange(Force ? ["--force"] : []);
            words.AddRange(Runs == "runs" ? [] : ["--runs", Runs]);
            return string.Join(' ', words.Select(Quote));
        }

        private static string Quote(string word) => word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./=:,+@%".Contains(letter, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
