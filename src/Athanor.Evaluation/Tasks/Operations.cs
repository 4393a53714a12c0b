using Athanor.Core.Documents;

namespace Athanor.Evaluation.Tasks;

/// <summary>In-context learning: examples show what <c>?</c> means, addition or subtraction, and nothing else does.</summary>
public sealed class Operations : GeneratedAnswerTask
{
    /// <summary>The metric: the share of answers that equal the known one.</summary>
    public const string ExactMatch = "exact_match";

    /// <inheritdoc/>
    public override string Name => "operations";

    /// <inheritdoc/>
    public override string Measures => "Whether the model works out from the examples before a question which operation a sign stands for: learning in context, without a change of its weights.";

    /// <inheritdoc/>
    public override string Note => "Without an example nothing tells addition from subtraction, so no answerer can exceed about one half there. The numbers are not new to the model; the choice of the operation is.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Metrics { get; } = [ExactMatch];

    /// <inheritdoc/>
    public override IReadOnlyList<int> Shots { get; } = [0, 1, 2, 4];

    /// <inheritdoc/>
    public override string Part => "operations";

    /// <inheritdoc/>
    public override int Limit => 300;

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 8;

    internal override double? ChanceOf(Problem problem) => 0.5;

    internal override IReadOnlyDictionary<string, double> Judge(Problem problem, string answer)
        => new Dictionary<string, double> { [ExactMatch] = answer.Trim() == problem.Answer.Trim() ? 1 : 0 };
}
