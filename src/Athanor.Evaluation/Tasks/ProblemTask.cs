using Athanor.Core.Documents;
using Athanor.Core.Errors;

namespace Athanor.Evaluation.Tasks;

/// <summary>A task made of problems with known answers.</summary>
public abstract class ProblemTask : EvaluationTask
{
    /// <summary>The part of the task a problem belongs to, which is also scored on its own; null where there are none.</summary>
    internal virtual string? GroupOf(Problem problem) => null;

    /// <summary>What blind guessing gets of a problem; null where guessing means nothing.</summary>
    internal abstract double? ChanceOf(Problem problem);

    internal sealed override string? MissingIn(EvaluationData data)
        => data.HasProblems(Name) ? null : $"the corpus has no problems of this kind in its {data.Split} split";

    internal sealed override int Count(EvaluationData data, int? limit) => Problems(data, limit).Count;

    internal sealed override IReadOnlyList<double>? Chance(EvaluationData data, int? limit)
    {
        IReadOnlyList<double?> values = [.. Problems(data, limit).Select(ChanceOf)];
        return values.Any(value => value is null) ? null : [.. values.Select(value => value!.Value)];
    }

    internal IReadOnlyList<Problem> Problems(EvaluationData data, int? limit) => data.Problems(Name, limit ?? Limit);

    /// <summary>The turns the model sees: instructions first, then the solved examples, then the question.</summary>
    internal IReadOnlyList<ChatMessage> Conversation(Problem problem, int shots)
    {
        if (problem.Examples.Count < shots)
        {
            throw new AthanorException(
                $"{Name}: problem {problem.Id} has {problem.Examples.Count} solved examples, {shots} were asked for",
                $"ask for at most {problem.Examples.Count} shots");
        }

        return WithExamples(problem.Messages, problem.Examples.Take(shots));
    }

    private static List<ChatMessage> WithExamples(IReadOnlyList<ChatMessage> messages, IEnumerable<Exchange> examples)
    {
        int instructions = messages.TakeWhile(message => message.Role == ChatMessage.System).Count();
        return
        [
            .. messages.Take(instructions),
            .. examples.SelectMany(example => new[] { new ChatMessage(ChatMessage.User, example.User), new ChatMessage(ChatMessage.Assistant, example.Assistant) }),
            .. messages.Skip(instructions),
        ];
    }
}
