using Athanor.Core.Documents;
using Athanor.Evaluation.Metrics;

namespace Athanor.Evaluation.Tasks;

/// <summary>Which summary belongs to a member of the documentation, among four of the same namespace and kind whose giveaway words are blanked.</summary>
public sealed class MultipleChoice : MultipleChoiceTask
{
    /// <inheritdoc/>
    public override string Name => "multiple_choice";

    /// <inheritdoc/>
    public override string Measures => "Whether the model finds the right summary of a member it never saw likelier than those of three neighbours, with the member's own words blanked out.";

    /// <inheritdoc/>
    public override string Note => "Scored by pointwise mutual information: how much likelier the member's name makes the summary. Word overlap with parameter names sees more than the model is told.";

    /// <inheritdoc/>
    public override string Part => "documentation";

    /// <inheritdoc/>
    public override int Limit => 500;

    internal override IReadOnlyList<Baseline> Baselines(EvaluationData data, int? limit)
    {
        IReadOnlyList<Problem> problems = Problems(data, limit);
        return
        [
            By("shortest choice", problems, (_, choice) => -choice.Length),
            By("longest choice", problems, (_, choice) => choice.Length),
            By("fewest blanks", problems, (_, choice) => -choice.Count(character => character == '_')),
            By("most blanks", problems, (_, choice) => choice.Count(character => character == '_')),
            By("word overlap", problems, (problem, choice) => WordOverlap.Share(choice, problem.Messages.Select(message => message.Content))),
            By("word overlap with parameter names", problems, (problem, choice) => WordOverlap.Share(choice, [.. problem.Messages.Select(message => message.Content), .. ProblemFacts.Parameters(problem)])),
        ];
    }
}
