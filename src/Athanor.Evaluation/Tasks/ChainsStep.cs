namespace Athanor.Evaluation.Tasks;

/// <summary>Chains of the lengths seen in training, worked out step by step.</summary>
public sealed class ChainsStep : ChainTask
{
    /// <inheritdoc/>
    public override string Name => "chains.step";

    /// <inheritdoc/>
    public override string Measures => "Whether the model reaches the result of a chain of additions and subtractions by writing every step.";

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 64;

    /// <inheritdoc/>
    public override string Variant => "chains.direct";
}
