using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Stages;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Models.LanguageModels;

namespace Athanor.Evaluation.Harness;

/// <summary>
/// Puts tasks to models. What was answered is kept on disk as soon as a task is done, and read back instead of being asked again; scores are computed
/// from the answers alone.
/// </summary>
/// <param name="data">The problems' home.</param>
/// <param name="workFolder">Where finished answers are kept; null to keep none.</param>
/// <param name="progress">Told how far it is.</param>
public sealed class EvaluationHarness(EvaluationData data, string? workFolder, IProgressReporter progress)
{
    private readonly List<(EvaluatedModel Model, EvaluationTask Task, int Shots, IReadOnlyList<EvaluatedSample> Samples)> _answered = [];
    private readonly Dictionary<string, string> _leftOut = [];

    /// <summary>How many problems are put to a model together; changes speed and memory, never a score.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>How many problems of each task at most; null for each task's own number.</summary>
    public int? Limit { get; init; }

    /// <summary>Solved examples before each question; null for each task's own numbers.</summary>
    public int? Shots { get; init; }

    /// <summary>The tasks that are asked: those named (all of which must be there), or all that the corpus has and the models were taught.</summary>
    /// <param name="names">The names; null or empty for all.</param>
    /// <param name="taught">The parts of a corpus that the models were trained on; null where nobody says.</param>
    /// <exception cref="AthanorException">A named task is unknown or the corpus lacks its problems.</exception>
    public IReadOnlyList<EvaluationTask> Choose(IReadOnlyList<string>? names, IReadOnlyCollection<string>? taught = null)
    {
        if (names is { Count: > 0 })
        {
            EvaluationTask[] named = [.. names.Distinct().Select(TaskCatalogue.Find)];
            return named.FirstOrDefault(task => task.MissingIn(data) is not null) is { } lacking
                ? throw new AthanorException($"the task '{lacking.Name}' cannot be asked: {lacking.MissingIn(data)}", "leave it out, or build a corpus that has it")
                : named;
        }

        List<EvaluationTask> chosen = [];
        foreach (EvaluationTask listed in TaskCatalogue.All)
        {
            EvaluationTask task = listed is BitsPerByte && taught is not null ? new BitsPerByte([.. taught]) : listed;
            string? reason = task.MissingIn(data) ?? (taught is not null && task.Part is { } part && !taught.Contains(part) ? "the models were not trained on that part of the corpus" : null);
            if (reason is null)
            {
                chosen.Add(task);
            }
            else
            {
                _leftOut[task.Name] = reason;
            }
        }

        foreach (IGrouping<string, KeyValuePair<string, string>> reason in _leftOut.GroupBy(pair => pair.Value))
        {
            progress.Say($"left out: {string.Join(", ", reason.Select(pair => pair.Key))} ({reason.Key})");
        }

        return chosen;
    }

    /// <summary>Whether the corpus cannot ask a task.</summary>
    internal bool Lacks(EvaluationTask task) => task.MissingIn(data) is not null;

    /// <summary>Asks one model. One without a chat template is asked the tasks of running text alone.</summary>
    /// <exception cref="AthanorException">The model has no chat template and none of the tasks does without, or the template refuses a conversation.</exception>
    public void Ask(EvaluatedModel model, ILanguageModel opened, IReadOnlyList<EvaluationTask> tasks, CancellationToken cancellation)
    {
        EvaluationTask[] conversing = opened.ChatTemplate.Converses ? [] : [.. tasks.Where(task => task is ProblemTask)];
        if (conversing.Length > 0)
        {
            progress.Say($"left out for {model.Name}: {string.Join(", ", conversing.Select(task => task.Name))} (it has no chat template to be asked by)");
            if (conversing.Length == tasks.Count)
            {
                throw new AthanorException($"{model.Name} has no chat template, and all of these tasks ask questions", $"ask for {new BitsPerByte().Name}, or put the template of the model's publisher into its folder as chat_template.jinja");
            }
        }

        foreach (EvaluationTask task in tasks.Except(conversing))
        {
            foreach (int shots in Shots is { } one && task is ProblemTask ? [one] : task.Shots)
            {
                string? kept = workFolder is null ? null : Path.Combine(workFolder, $"{FileNameOf(model.Name)}.{task.Name}.{shots}.jsonl.zst");
                if (kept is not null && File.Exists(kept))
                {
                    _answered.Add((model, task, shots, [.. JsonLines.Read<EvaluatedSample>(kept)]));
                    (opened as MeteredLanguageModel)?.Remember(kept);
                    continue;
                }

                long before = (opened as MeteredLanguageModel)?.Tokens ?? 0;
                IReadOnlyList<EvaluatedSample> samples = Ask(model, opened, task, shots, cancellation);
                if (kept is not null)
                {
                    (opened as MeteredLanguageModel)?.Keep(kept, before);
                    JsonLines.Write(kept, samples, cancellation);
                }

                _answered.Add((model, task, shots, samples));
            }
        }
    }

    /// <summary>The scores of everything that was asked.</summary>
    public EvaluationScores Collect()
    {
        ScoreTable table = new(data, Limit);
        foreach ((EvaluatedModel model, EvaluationTask task, int shots, IReadOnlyList<EvaluatedSample> samples) in _answered)
        {
            table.Add(model.Name, task, shots, samples);
        }

        return new EvaluationScores
        {
            Split = data.Split,
            Models = [.. _answered.Select(one => one.Model).Distinct()],
            Tasks = [.. _answered.Select(one => one.Task).DistinctBy(task => task.Name).Select(task => task.Describe())],
            Scores = table.Scores,
            Differences = table.Differences,
            Steps = table.Steps,
            LeftOut = _leftOut,
        };
    }

    /// <summary>Writes every prompt, answer and verdict, a file a task.</summary>
    public void WriteSamples(string folder, CancellationToken cancellation)
    {
        foreach (IGrouping<string, (EvaluatedModel, EvaluationTask, int, IReadOnlyList<EvaluatedSample> Samples)> task in _answered.GroupBy(one => one.Task.Name))
        {
            JsonLines.Write(Path.Combine(folder, EvaluationScores.Samples(task.Key)), task.SelectMany(one => one.Samples), cancellation);
        }
    }

    private IReadOnlyList<EvaluatedSample> Ask(EvaluatedModel model, ILanguageModel opened, EvaluationTask task, int shots, CancellationToken cancellation)
    {
        string name = $"{task.Name}{(task.Shots.Count > 1 || shots > 0 ? $", {shots} shots" : "")} · {model.Name}";
        using IProgressTask bar = progress.Begin(name, task.Count(data, Limit), "problems");
        IReadOnlyList<EvaluatedSample> samples = task.Ask(
            new TaskRequest
            {
                Model = opened,
                ModelName = model.Name,
                Data = data,
                Shots = shots,
                Limit = Limit,
                BatchSize = BatchSize,
                Progress = bar,
            },
            cancellation);
        if (samples.Any(sample => sample.Values.Values.Concat(sample.ChoiceScores ?? []).Any(value => !double.IsFinite(value))))
        {
            throw new AthanorException($"{model.Name} gives probabilities that are not numbers ({task.Name})", "its training diverged: train it again with a lower learning rate");
        }

        return samples;
    }

    private static string FileNameOf(string model) => string.Concat(model.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '_'));
}
