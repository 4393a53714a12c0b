using Athanor.Evaluation.Metrics;
using Athanor.Evaluation.Tasks;
using Athanor.Statistics.Estimators;

namespace Athanor.Evaluation.Scores;

/// <summary>Turns samples into scores and paired differences; what a model answered is all it knows.</summary>
/// <param name="data">The problems' home, for chance and baselines.</param>
/// <param name="limit">The limit the samples were taken with.</param>
internal sealed class ScoreTable(EvaluationData data, int? limit)
{
    private readonly List<Series> _all = [];

    /// <summary>The answers of one model to one task.</summary>
    private sealed record Series(string Model, EvaluationTask Task, int Shots, IReadOnlyList<EvaluatedSample> Samples);

    /// <summary>The scores, in the order samples were added.</summary>
    public List<Score> Scores { get; } = [];

    /// <summary>The differences.</summary>
    public List<PairedDifference> Differences { get; } = [];

    /// <summary>Why chains fail.</summary>
    public List<StepAnalysis> Steps { get; } = [];

    /// <summary>Adds what a model answered to a task.</summary>
    public void Add(string model, EvaluationTask task, int shots, IReadOnlyList<EvaluatedSample> samples)
    {
        if (samples.Count == 0)
        {
            return;
        }

        Series series = new(model, task, shots, samples);
        IReadOnlyList<double>? chance = task.Chance(data, limit);
        IReadOnlyList<Baseline> baselines = task.Baselines(data, limit);
        foreach (string? group in GroupsOf(series))
        {
            int[] rows = Rows(samples, group);
            foreach (string metric in task.Metrics)
            {
                bool main = metric == task.Metrics[0];
                MeanEstimate score = MeanEstimate.OfWeighted(Values(samples, rows, metric), Weights(samples, rows));
                Scores.Add(new Score
                {
                    Model = model,
                    Task = task.Name,
                    Shots = shots,
                    Metric = metric,
                    Group = group,
                    Value = score.Mean,
                    StandardError = score.StandardError,
                    Count = score.Count,
                    Chance = main && chance is not null ? Mean(chance, rows) : null,
                    Baselines = main ? [.. baselines.Select(baseline => new BaselineScore(baseline.Name, Mean(baseline.Values, rows)))] : [],
                });
            }
        }

        AgainstTrivial(series, chance, baselines);
        foreach (Series other in _all)
        {
            AgainstOther(series, other);
        }

        _all.Add(series);
        if (task is ChainTask && samples.Count > 0 && task.Name.EndsWith(".step", StringComparison.Ordinal))
        {
            Steps.Add(Analyse(series));
        }
    }

    private static IEnumerable<string?> GroupsOf(Series series)
    {
        IEnumerable<string?> groups = series.Samples.Select(sample => sample.Group).Distinct().Order(StringComparer.Ordinal);
        return series.Task.GroupsApart ? groups : [null, .. groups.Where(group => group is not null)];
    }

    // null is the whole; among groups that stand apart it is the problems without one
    private static IEnumerable<string?> Compared(Series series) => series.Task.GroupsApart ? GroupsOf(series) : [null];

    private static int[] Rows(IReadOnlyList<EvaluatedSample> samples, string? group)
        => [.. Enumerable.Range(0, samples.Count).Where(row => group is null || samples[row].Group == group)];

    private static double[] Values(IReadOnlyList<EvaluatedSample> samples, int[] rows, string metric) => [.. rows.Select(row => samples[row].Values[metric])];

    // summed by what occurs, so that the mean of equal numbers is that number
    private static double Mean(IReadOnlyList<double> values, int[] rows) => rows.CountBy(row => values[row]).Sum(pair => pair.Key * pair.Value) / rows.Length;

    private static double[] Weights(IReadOnlyList<EvaluatedSample> samples, int[] rows) => [.. rows.Select(row => samples[row].Weight)];

    private void AgainstTrivial(Series series, IReadOnlyList<double>? chance, IReadOnlyList<Baseline> baselines)
    {
        string metric = series.Task.Metrics[0];
        IEnumerable<(DifferenceKind Kind, string Name, IReadOnlyList<double> Values)> opponents = baselines.Select(baseline => (DifferenceKind.Baseline, baseline.Name, baseline.Values));
        if (chance is not null)
        {
            opponents = opponents.Prepend((DifferenceKind.Chance, "chance", chance));
        }

        foreach ((DifferenceKind kind, string name, IReadOnlyList<double> values) in opponents)
        {
            foreach (string? group in Compared(series))
            {
                int[] rows = Rows(series.Samples, group);
                MeanEstimate difference = MeanEstimate.OfWeighted([.. rows.Select(row => series.Samples[row].Values[metric] - values[row])], Weights(series.Samples, rows));
                Differences.Add(Difference(kind, series, metric, group, name, difference));
            }
        }
    }

    private void AgainstOther(Series series, Series earlier)
    {
        bool sameTask = series.Task.Name == earlier.Task.Name;
        if (sameTask && series.Shots == earlier.Shots)
        {
            Pair(DifferenceKind.Models, series, earlier, earlier.Model);
        }
        else if (sameTask && series.Model == earlier.Model)
        {
            (Series more, Series fewer) = series.Shots > earlier.Shots ? (series, earlier) : (earlier, series);
            Pair(DifferenceKind.Shots, more, fewer, $"{fewer.Shots} shots");
        }
        else if (series.Model == earlier.Model && series.Shots == earlier.Shots && (series.Task.Variant == earlier.Task.Name || earlier.Task.Variant == series.Task.Name))
        {
            (Series variant, Series plain) = series.Task.Variant == earlier.Task.Name ? (series, earlier) : (earlier, series);
            Pair(DifferenceKind.Variants, variant, plain, plain.Task.Name);
        }
    }

    private void Pair(DifferenceKind kind, Series left, Series right, string against)
    {
        Dictionary<string, EvaluatedSample> partners = right.Samples.DistinctBy(Key).ToDictionary(Key);
        foreach (string? group in Compared(left))
        {
            (EvaluatedSample Left, EvaluatedSample Right)[] pairs =
                [.. Rows(left.Samples, group).Where(row => partners.ContainsKey(Key(left.Samples[row]))).Select(row => (left.Samples[row], partners[Key(left.Samples[row])]))];
            if (pairs.Length == 0)
            {
                continue;
            }

            foreach (string metric in left.Task.Metrics)
            {
                MeanEstimate difference = MeanEstimate.OfWeighted([.. pairs.Select(pair => pair.Left.Values[metric] - pair.Right.Values[metric])], [.. pairs.Select(pair => pair.Left.Weight)]);
                Differences.Add(Difference(kind, left, metric, group, against, difference));
            }
        }

        // a problem has one name in its task; the variants of a chain share its expression
        string Key(EvaluatedSample sample) => kind == DifferenceKind.Variants ? ChainOfSteps.Expression(sample.Prompt) ?? sample.Id : $"{sample.Group}\n{sample.Id}";
    }

    private static PairedDifference Difference(DifferenceKind kind, Series series, string metric, string? group, string against, MeanEstimate difference) => new()
    {
        Kind = kind,
        Model = series.Model,
        Task = series.Task.Name,
        Shots = series.Shots,
        Metric = metric,
        Group = group,
        Against = against,
        Value = difference.Mean,
        StandardError = difference.StandardError,
        Count = difference.Count,
    };

    private static StepAnalysis Analyse(Series series)
    {
        ChainOfSteps[] chains = [.. series.Samples.Select(sample => ChainOfSteps.Compare(sample.Prompt, sample.Answer)).OfType<ChainOfSteps>()];
        int steps = chains.Sum(chain => chain.Expected);
        return new StepAnalysis(
            series.Model,
            series.Task.Name,
            chains.Length,
            steps,
            chains.Length == 0 ? 0 : chains.Count(chain => chain.Written == chain.Expected) / (double)chains.Length,
            Share(chain => chain.OperandRight),
            Share(chain => chain.ArithmeticRight),
            Share(chain => chain.CarriedRight));

        double Share(Func<ChainOfSteps, int> count) => steps == 0 ? 0 : chains.Sum(count) / (double)steps;
    }
}
