using Athanor.Core.Documents;
using Athanor.Evaluation.Scores;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;

namespace Athanor.Evaluation.Tasks;

/// <summary>
/// A task that shows no choices but asks which of them the model finds likeliest as its answer. Where a problem has a neutral question, a choice's score is
/// log p(choice | question) − log p(choice | neutral question): pointwise mutual information, which takes away what makes a text likely whatever was asked
/// (Holtzman et al. 2021, "Surface form competition", equation 2). Tokens with a blank (<c>_</c>) are read but not scored.
/// </summary>
public abstract class MultipleChoiceTask : ProblemTask
{
    /// <summary>The metric: the share of problems whose likeliest choice is the right one; n choices that tie count 1/n.</summary>
    public const string Accuracy = "accuracy";

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> Metrics { get; } = [Accuracy];

    internal sealed override double? ChanceOf(Problem problem) => 1.0 / Choices(problem).Count;

    internal override IReadOnlyList<EvaluatedSample> Ask(TaskRequest request, CancellationToken cancellation)
    {
        IReadOnlyList<Problem> problems = Problems(request.Data, request.Limit);
        ChatTemplate template = request.Model.ChatTemplate;
        List<EvaluatedSample> samples = [];
        foreach (Problem[] together in problems.Chunk(Math.Max(1, request.BatchSize / 4)))
        {
            double[][] scores = ScoreChoices(request.Model, template, together, request.Shots, cancellation);
            samples.AddRange(together.Zip(scores, (problem, score) => new EvaluatedSample
            {
                Model = request.ModelName,
                Task = Name,
                Shots = request.Shots,
                Id = problem.Id,
                Group = GroupOf(problem),
                Prompt = template.Render(Conversation(problem, request.Shots), addGenerationPrompt: true),
                Answer = Choices(problem)[Array.IndexOf(score, score.Max())],
                Expected = problem.Answer,
                Values = new Dictionary<string, double> { [Accuracy] = Credit(problem, score) },
                ChoiceScores = score,
            }));
            request.Progress?.Report(samples.Count);
        }

        return samples;
    }

    /// <summary>1 where the right choice has the highest score alone, 1/n where it shares it with n − 1 others, else 0.</summary>
    internal static double Credit(Problem problem, IReadOnlyList<double> scores)
    {
        double best = scores.Max();
        IReadOnlyList<string> choices = Choices(problem);
        return choices.Select((choice, index) => (choice, index)).Any(pair => pair.choice == problem.Answer && scores[pair.index] == best)
            ? 1.0 / scores.Count(score => score == best)
            : 0;
    }

    /// <summary>Whoever chooses by a number that anyone can compute.</summary>
    internal static Baseline By(string name, IReadOnlyList<Problem> problems, Func<Problem, string, double> score)
        => new(name, [.. problems.Select(problem => Credit(problem, [.. Choices(problem).Select(choice => score(problem, choice))]))]);

    internal static IReadOnlyList<string> Choices(Problem problem)
        => problem.Choices ?? throw new Core.Errors.AthanorException($"{problem.Task}: problem {problem.Id} has no choices", "build the corpus again");

    private double[][] ScoreChoices(ILanguageModel model, ChatTemplate template, Problem[] problems, int shots, CancellationToken cancellation)
    {
        List<ScoringRequest> requests = [];
        List<(int Problem, int Choice, double Sign)> owners = [];

        // choices of one question stand together: a model may read what they begin with once
        for (int index = 0; index < problems.Length; index++)
        {
            AddChoices(index, Conversation(problems[index], shots), sign: 1);
        }

        for (int index = 0; index < problems.Length; index++)
        {
            if (problems[index].NeutralMessages is { } neutral)
            {
                AddChoices(index, neutral, sign: -1);
            }
        }

        IReadOnlyList<float[]> logProbabilities = model.Score(requests, cancellation);
        double[][] scores = [.. problems.Select(problem => new double[Choices(problem).Count])];
        for (int request = 0; request < requests.Count; request++)
        {
            (int problem, int choice, double sign) = owners[request];
            scores[problem][choice] += sign * Sum(model.Tokenizer, requests[request], logProbabilities[request]);
        }

        return scores;

        void AddChoices(int problem, IReadOnlyList<ChatMessage> question, double sign)
        {
            IReadOnlyList<string> choices = Choices(problems[problem]);
            for (int choice = 0; choice < choices.Count; choice++)
            {
                requests.Add(Request(model, template, question, choices[choice]));
                owners.Add((problem, choice, sign));
            }
        }
    }

    private static ScoringRequest Request(ILanguageModel model, ChatTemplate template, IReadOnlyList<ChatMessage> question, string choice)
    {
        int[] ids = template.EncodeAnswered(question, choice, out int answer);

        // what is too long loses the beginning of its question
        int begin = Math.Clamp(ids.Length - model.Info.ContextLength, 0, answer - 1);
        int end = Math.Min(ids.Length, begin + model.Info.ContextLength);
        return new ScoringRequest(ids.AsMemory(begin, end - begin), answer - begin);
    }

    private static double Sum(Tokenizer tokenizer, ScoringRequest request, float[] logProbabilities)
    {
        ReadOnlySpan<int> targets = request.Tokens.Span[request.FirstTarget..];
        double sum = 0;
        for (int index = 0; index < targets.Length; index++)
        {
            if (!tokenizer.BytesOf(targets[index]).Contains((byte)'_'))
            {
                sum += logProbabilities[index];
            }
        }

        return sum;
    }
}
