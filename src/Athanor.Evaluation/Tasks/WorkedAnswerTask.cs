using Athanor.Core.Documents;
using Athanor.Evaluation.Metrics;

namespace Athanor.Evaluation.Tasks;

/// <summary>A generated answer of which only what follows the last <c>answer </c> counts, however it was reached.</summary>
public abstract class WorkedAnswerTask : GeneratedAnswerTask
{
    /// <summary>The metric: the share of final answers that equal the known one.</summary>
    public const string ExactMatch = "exact_match";

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> Metrics { get; } = [ExactMatch];

    internal sealed override IReadOnlyDictionary<string, double> Judge(Problem problem, string answer)
        => new Dictionary<string, double> { [ExactMatch] = FinalAnswer.In(answer) == problem.Answer.Trim() ? 1 : 0 };

    internal sealed override string Spoken(string answer) => $"answer {answer}";
}
