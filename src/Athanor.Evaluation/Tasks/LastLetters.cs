using Athanor.Core.Documents;

namespace Athanor.Evaluation.Tasks;

/// <summary>The last letters of some words, put together (Wei et al. 2022, "Chain-of-thought prompting elicits reasoning in large language models", section 5).</summary>
public sealed class LastLetters : WorkedAnswerTask
{
    /// <inheritdoc/>
    public override string Name => "last_letters";

    /// <inheritdoc/>
    public override string Measures => "Whether the model can spell: it joins the last letters of the words it is given.";

    /// <inheritdoc/>
    public override string Part => "last_letters";

    /// <inheritdoc/>
    public override int Limit => 300;

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 96;

    internal override double? ChanceOf(Problem problem) => null;
}
