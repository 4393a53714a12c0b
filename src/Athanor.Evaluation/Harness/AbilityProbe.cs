using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Evaluation.Metrics;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;

namespace Athanor.Evaluation.Harness;

/// <summary>
/// A glance at what a model can do while it learns: a hundred validation problems of a few tasks, and some samples. Small enough to be taken a dozen times
/// in a training run of minutes; a value has a standard error of up to five points.
/// </summary>
public sealed class AbilityProbe : IAbilityProbe
{
    private const int ProblemsPerTask = 100;
    private const int SampleTokens = 48;
    private const int ContinuedDocuments = 2;
    private const int BeginningWords = 8;

    private static readonly (EvaluationTask Task, int Shots)[] Tasks =
    [
        (new ChainsStep(), 0),
        (new ChainsDirect(), 0),
        (new Operations(), 4),
        (new MultipleChoice(), 0),
    ];

    // one problem each: a worked answer, an answer at once, an answer by heart
    private static readonly string[] Sampled = ["chains.step", "chains.direct", "closed_book"];

    private string? _folder;
    private EvaluationData? _data;

    /// <inheritdoc/>
    public AbilityReading Measure(ILanguageModel model, Artifact corpus, CancellationToken cancellation)
    {
        if (_data is null || _folder != corpus.Folder)
        {
            _folder = corpus.Folder;
            _data = new EvaluationData(corpus.Folder, CorpusLayout.Validation);
        }

        Dictionary<string, double> values = [];
        foreach ((EvaluationTask task, int shots) in Tasks.Where(one => one.Task.MissingIn(_data) is null))
        {
            TaskRequest request = new() { Model = model, ModelName = "", Data = _data, Shots = shots, Limit = ProblemsPerTask };
            IReadOnlyList<EvaluatedSample> samples = task.Ask(request, cancellation);
            if (samples.Count == 0)
            {
                continue;
            }

            values[$"ability/{task.Name}"] = samples.Average(sample => sample.Values[task.Metrics[0]]);
            if (task is ChainsStep)
            {
                // finding the right operand is learnt last and all at once; its curve shows the jump coming
                ChainOfSteps[] chains = [.. samples.Select(sample => ChainOfSteps.Compare(sample.Prompt, sample.Answer)).OfType<ChainOfSteps>()];
                int steps = chains.Sum(chain => chain.Expected);
                if (steps > 0)
                {
                    values[$"ability/{task.Name}.operand"] = chains.Sum(chain => chain.OperandRight) / (double)steps;
                    values[$"ability/{task.Name}.arithmetic"] = chains.Sum(chain => chain.ArithmeticRight) / (double)steps;
                }
            }
        }

        string[] written = [.. Answers(model, _data, cancellation), .. Continuations(model, _data, cancellation)];
        return new AbilityReading(values, written.Index().ToDictionary(sample => $"sample/{sample.Index}", sample => sample.Item));
    }

    private static IEnumerable<string> Answers(ILanguageModel model, EvaluationData data, CancellationToken cancellation)
    {
        IReadOnlyList<ChatMessage>[] prompts = [.. Sampled.Where(data.HasProblems).SelectMany(task => data.Problems(task, 1)).Select(problem => problem.Messages)];
        if (prompts.Length == 0)
        {
            return [];
        }

        IReadOnlyList<GreedyAnswer> answers = GreedyAnswers.Write(model, prompts, SampleTokens, prompts.Length, progress: null, cancellation);
        return prompts.Zip(answers).Select(pair => $"{pair.First[^1].Content.Trim()} → {pair.Second.Text.Trim()}");
    }

    // running text has no questions: the model goes on from the first words of held-out documents
    private static IEnumerable<string> Continuations(ILanguageModel model, EvaluationData data, CancellationToken cancellation)
    {
        string[] beginnings = [.. data.Parts.SelectMany(part => data.Documents(part, ContinuedDocuments)).Where(document => document.Messages is null).Take(ContinuedDocuments).Select(document => Beginning(document.Text))];
        if (beginnings.Length == 0)
        {
            return [];
        }

        int begin = model.ChatTemplate.DocumentTokenId;
        int room = Math.Max(2, model.Info.ContextLength - SampleTokens);
        int[][] prompts = [.. beginnings.Select(text => (int[])[begin, .. model.Tokenizer.Encode(text).Take(room - 1)])];
        GenerationSettings settings = GenerationSettings.Greedy with { MaximumTokens = SampleTokens, StopTokens = [begin] };
        IReadOnlyList<GenerationResult> results = new Generator(model, prompts.Length).Generate(prompts, settings, null, cancellation);
        return results.OrderBy(result => result.Prompt).Select(result => $"{beginnings[result.Prompt]} → {result.Text.Trim()}");
    }

    private static string Beginning(string text)
    {
        int end = 0;
        for (int words = 0; words < BeginningWords && end < text.Length; words++)
        {
            while (end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }
        }

        return text[..end].Trim();
    }
}
