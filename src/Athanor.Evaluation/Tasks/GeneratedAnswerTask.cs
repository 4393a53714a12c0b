using Athanor.Core.Documents;
using Athanor.Evaluation.Scores;
using Athanor.Tokenization.Chat;

namespace Athanor.Evaluation.Tasks;

/// <summary>A task whose answer the model writes, always taking the likeliest token, until it ends its turn.</summary>
public abstract class GeneratedAnswerTask : ProblemTask
{
    /// <summary>The longest answer in tokens; what is longer is cut off and judged as it stands.</summary>
    public abstract int MaximumAnswerTokens { get; }

    /// <summary>Judges an answer: a value for each of <see cref="EvaluationTask.Metrics"/>.</summary>
    internal abstract IReadOnlyDictionary<string, double> Judge(Problem problem, string answer);

    /// <summary>Beside others, whoever always gives the answer that is the most frequent among these very problems (which flatters it).</summary>
    internal override IReadOnlyList<Baseline> Baselines(EvaluationData data, int? limit)
    {
        IReadOnlyList<Problem> problems = Problems(data, limit);
        if (problems.Count == 0)
        {
            return [];
        }

        // the earliest of equally frequent ones
        string frequent = problems.Select(problem => problem.Answer).CountBy(answer => answer).MaxBy(pair => pair.Value).Key;
        return [new Baseline("most frequent answer", [.. problems.Select(problem => Judge(problem, Spoken(frequent))[Metrics[0]])])];
    }

    /// <summary>A known answer in the form the model would write it.</summary>
    internal virtual string Spoken(string answer) => answer;

    internal override IReadOnlyList<EvaluatedSample> Ask(TaskRequest request, CancellationToken cancellation)
    {
        IReadOnlyList<Problem> problems = Problems(request.Data, request.Limit);
        ChatTemplate template = request.Model.ChatTemplate;
        List<IReadOnlyList<ChatMessage>> conversations = [.. problems.Select(problem => Conversation(problem, request.Shots))];
        IReadOnlyList<GreedyAnswer> written = GreedyAnswers.Write(request.Model, conversations, MaximumAnswerTokens, request.BatchSize, request.Progress, cancellation);
        return
        [
            .. problems.Select((problem, index) => new EvaluatedSample
            {
                Model = request.ModelName,
                Task = Name,
                Shots = request.Shots,
                Id = problem.Id,
                Group = GroupOf(problem),
                Prompt = template.Render(conversations[index], addGenerationPrompt: true),
                Answer = written[index].Text,
                Expected = problem.Answer,
                Values = Judge(problem, written[index].Text),
                Note = written[index].Note,
            }),
        ];
    }
}
