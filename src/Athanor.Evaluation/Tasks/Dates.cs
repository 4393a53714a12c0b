using Athanor.Core.Documents;

namespace Athanor.Evaluation.Tasks;

/// <summary>Which of two dates is earlier.</summary>
public sealed class Dates : WorkedAnswerTask
{
    /// <inheritdoc/>
    public override string Name => "dates";

    /// <inheritdoc/>
    public override string Measures => "Whether the model can compare dates.";

    /// <inheritdoc/>
    public override string Part => "dates";

    /// <inheritdoc/>
    public override int Limit => 300;

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 96;

    internal override double? ChanceOf(Problem problem) => 0.5;
}
