using System.CommandLine;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Progress;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Evaluation.Harness;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Models.LanguageModels;
using Spectre.Console;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor eval</c>: asks models the held-out problems of a corpus.</summary>
internal static class EvalCommand
{
    private const int WidthElsewhere = 120;

    /// <param name="loader">Opens the models; called when the command runs.</param>
    public static Command Create(Func<ILanguageModelLoader> loader)
    {
        Argument<string[]> models = new("MODEL") { Description = "A model's folder, or a run's name or folder (its last model). Several are compared.", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> tasks = new("--tasks") { Description = "The tasks, separated by commas (--list names them); without it every task that the corpus has problems for and the models were taught." };
        Option<int?> shots = new("--shots") { Description = "Solved examples before each question; without it each task's own numbers." };
        Option<int?> limit = new("--limit") { Description = "The most problems a task asks; without it each task's own number." };
        Option<string> split = new("--split") { Description = "The held-out problems that are asked: test for figures to publish, validation for choices.", DefaultValueFactory = _ => CorpusLayout.Test };
        split.AcceptOnlyFromAmong(CorpusLayout.Test, CorpusLayout.Validation);
        Option<string?> corpus = new("--corpus") { Description = "The folder of a corpus, such as runs/quickstart/corpus; without it that of the model's own run." };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Option<bool> list = new("--list") { Description = "Say which tasks there are and what they measure." };
        Command command = new("eval", "Ask a model held-out problems and say how well it does, with error bars and baselines.") { models, tasks, shots, limit, split, corpus, json, list };
        command.SetAction(async (result, cancellation) =>
        {
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(list))
            {
                WriteTasks(output);
                return;
            }

            Check(result.GetValue(limit) is null or > 0, "--limit", "1 or more");
            Check(result.GetValue(shots) is null or >= 0, "--shots", "0 or more");
            string[] names = result.GetValue(models)!;
            if (names.Length == 0)
            {
                throw new AthanorException("no model is named", "write ./athanor eval MODEL, where MODEL is a model's folder or a run; ./athanor eval --list says which tasks there are");
            }

            string[] folders = [.. names.Select(ModelFolder.Find)];
            EvaluationData data = new(CorpusOf(result.GetValue(corpus), folders[0]), result.GetValue(split)!);
            // progress stays out of what a script reads
            TextWriter shown = result.GetValue(json) || !IsTerminal(output) ? result.InvocationConfiguration.Error : output;
            using ConsoleRunReporter progress = ConsoleRunReporter.For(shown, TimeProvider.System);
            EvaluationHarness harness = new(data, workFolder: null, progress) { Shots = result.GetValue(shots), Limit = result.GetValue(limit) };
            IReadOnlyList<EvaluationTask> chosen = harness.Choose(result.GetValue(tasks)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), TrainingRecord.PartsOf(folders));
            await Task.Run(() => AskAll(harness, loader(), names, folders, chosen, cancellation), cancellation).ConfigureAwait(false);
            progress.Dispose();
            EvaluationScores scores = harness.Collect();
            if (result.GetValue(json))
            {
                await output.WriteLineAsync(scores.ToJson()).ConfigureAwait(false);
            }
            else
            {
                WriteScores(scores, output);
            }
        });
        return command;
    }

    private static void AskAll(EvaluationHarness harness, ILanguageModelLoader loader, string[] names, string[] folders, IReadOnlyList<EvaluationTask> tasks, CancellationToken cancellation)
    {
        for (int index = 0; index < names.Length; index++)
        {
            using ILanguageModel model = loader.Load(folders[index]);
            long? trained = ModelFolder.Made(folders[index])?.Manifest.Cost.Tokens;
            harness.Ask(new EvaluatedModel(names[index], $"{model.Info.Parameters:N0} weights", model.Info.Parameters, trained, IsNGram: false), model, tasks, cancellation);
        }
    }

    // without a word from the user, the corpus is the one of the model's own run
    private static string CorpusOf(string? given, string model)
    {
        if (given is not null)
        {
            Artifact artifact = Artifact.Open(given);
            return artifact.Manifest.Kind == ArtifactKind.Corpus
                ? artifact.Folder
                : throw new AthanorException($"{given} is no corpus: {artifact.Manifest.Stage} made it", "name the folder of a corpus.build stage, such as runs/quickstart/corpus");
        }

        string? run = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)));
        IEnumerable<string> stages = run is null ? [] : Directory.EnumerateDirectories(run).Order(StringComparer.Ordinal);
        return stages.Where(folder => File.Exists(Path.Combine(folder, ArtifactManifest.FileName)))
            .FirstOrDefault(folder => Artifact.Open(folder).Manifest.Kind == ArtifactKind.Corpus)
            ?? throw new AthanorException($"there is no corpus beside {model}", "name one with --corpus, such as runs/quickstart/corpus");
    }

    private static void WriteTasks(TextWriter output)
    {
        foreach (EvaluationTask task in TaskCatalogue.All)
        {
            output.WriteLine($"{task.Name}");
            output.WriteLine($"    {task.Measures}");
            output.WriteLine($"    {string.Join(", ", task.Metrics)}; {task.Limit} problems; {string.Join(", ", task.Shots)} shots");
            if (task.Note is { } note)
            {
                output.WriteLine($"    {note}");
            }
        }
    }

    private static void WriteScores(EvaluationScores scores, TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!IsTerminal(output))
        {
            console.Profile.Width = WidthElsewhere;
        }

        foreach (EvaluatedModel model in scores.Models)
        {
            Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(scores.Models.Count > 1 ? new Text(model.Name) : new Text("task")).NoWrap());
            foreach (string heading in (string[])["shots", "value ± s.e.", "n", "chance"])
            {
                table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
            }

            table.AddColumn("best baseline");
            foreach (Score score in scores.Scores.Where(score => score.Model == model.Name))
            {
                table.AddRow(Cells(score, scores.Tasks.Single(task => task.Name == score.Task)).Select(cell => new Text(cell)));
            }

            console.Write(table);
        }

        foreach (StepAnalysis steps in scores.Steps)
        {
            console.WriteLine($"{(scores.Models.Count > 1 ? steps.Model + ", " : "")}{steps.Task}, of {steps.Steps:N0} steps: right operand {100 * steps.OperandRight:F1} %, right arithmetic {100 * steps.ArithmeticRight:F1} %, gone on from the last result {100 * steps.CarriedRight:F1} %");
        }
    }

    private static string[] Cells(Score score, TaskDescription task)
    {
        BaselineScore? best = score.Baselines.MaxBy(baseline => baseline.Value);
        string name = score.Metric == task.Metrics[0] ? score.Task : $"{score.Task} {score.Metric}";
        return
        [
            score.Group is null ? name : $"  {name}: {score.Group}",
            task.LowerIsBetter ? "" : score.Shots.ToString(),
            task.LowerIsBetter ? $"{score.Value:F3} ± {score.StandardError:F3}" : $"{100 * score.Value:F1} ± {100 * score.StandardError:F1} %",
            score.Count.ToString("N0"),
            score.Chance is { } chance ? $"{100 * chance:F0} %" : "",
            best is null ? "" : $"{100 * best.Value:F1} % ({best.Name})",
        ];
    }

    private static bool IsTerminal(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;

    private static void Check(bool valid, string option, string range)
    {
        if (!valid)
        {
            throw new AthanorException($"{option} is out of range", $"give {range}");
        }
    }
}
