using Athanor.Core.Documents;
using Athanor.Evaluation.Metrics;

namespace Athanor.Evaluation.Tasks;

/// <summary>Questions on the documentation, answered from what the weights hold.</summary>
public sealed class ClosedBook : GeneratedAnswerTask
{
    /// <summary>The metric: normalised answers that equal the reference, after SQuAD.</summary>
    public const string ExactMatch = "exact_match";

    /// <summary>The metric: words shared with the reference, after SQuAD.</summary>
    public const string F1 = "f1";

    /// <inheritdoc/>
    public override string Name => "closed_book";

    /// <inheritdoc/>
    public override string Measures => "What the model can say of the documentation by heart; asked of types it was trained on (known) and of types it never saw (unknown).";

    /// <inheritdoc/>
    public override string Note => "For unknown types an answer can only be guessed from the member's name.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Metrics { get; } = [F1, ExactMatch];

    /// <inheritdoc/>
    public override bool GroupsApart => true;

    /// <inheritdoc/>
    public override string Part => "documentation";

    /// <inheritdoc/>
    public override int Limit => 300;

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 64;

    internal override double? ChanceOf(Problem problem) => null;

    internal override string? GroupOf(Problem problem) => ProblemFacts.Known(problem) switch
    {
        true => "known",
        false => "unknown",
        null => null,
    };

    internal override IReadOnlyDictionary<string, double> Judge(Problem problem, string answer) => new Dictionary<string, double>
    {
        [F1] = Squad.F1(answer, [problem.Answer]),
        [ExactMatch] = Squad.ExactMatch(answer, [problem.Answer]),
    };
}
