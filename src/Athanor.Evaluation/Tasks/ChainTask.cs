using Athanor.Core.Documents;
using Athanor.Evaluation.Metrics;

namespace Athanor.Evaluation.Tasks;

/// <summary>A chain of additions and subtractions whose result, a number from 0 to 99, is asked for.</summary>
public abstract class ChainTask : WorkedAnswerTask
{
    private const double PossibleResults = 100;

    /// <inheritdoc/>
    public override string Part => "chains";

    /// <inheritdoc/>
    public override int Limit => 600;

    internal override double? ChanceOf(Problem problem) => 1 / PossibleResults;

    internal override string? GroupOf(Problem problem)
        => ChainOfSteps.Compare(problem.Messages[^1].Content, "") is { } chain ? $"{chain.Expected} operations" : null;
}
