using Athanor.Core.Documents;

namespace Athanor.Evaluation.Tasks;

/// <summary>Whether a coin still shows heads after some people did or did not turn it (Wei et al. 2022, "Chain-of-thought prompting elicits reasoning in large language models", section 5).</summary>
public sealed class CoinFlips : WorkedAnswerTask
{
    /// <inheritdoc/>
    public override string Name => "coin_flips";

    /// <inheritdoc/>
    public override string Measures => "Whether the model can keep track of a state: is the coin still heads up after some people flip it.";

    /// <inheritdoc/>
    public override string Part => "coin_flips";

    /// <inheritdoc/>
    public override int Limit => 300;

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 96;

    internal override double? ChanceOf(Problem problem) => 0.5;
}
