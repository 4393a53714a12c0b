namespace Athanor.Evaluation.Tasks;

/// <summary>Chains of the lengths seen in training, answered at once.</summary>
public sealed class ChainsDirect : ChainTask
{
    /// <inheritdoc/>
    public override string Name => "chains.direct";

    /// <inheritdoc/>
    public override string Measures => "Whether the model knows the result of the same chains without writing steps; what it loses against step by step is what the steps were worth.";

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 16;
}
