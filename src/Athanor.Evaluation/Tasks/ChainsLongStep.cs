namespace Athanor.Evaluation.Tasks;

/// <summary>Chains longer than any seen in training, worked out step by step.</summary>
public sealed class ChainsLongStep : ChainTask
{
    /// <inheritdoc/>
    public override string Name => "chains.long.step";

    /// <inheritdoc/>
    public override string Measures => "Whether working step by step carries over to chains longer than any the model was trained on.";

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 96;

    /// <inheritdoc/>
    public override int Limit => 200;

    /// <inheritdoc/>
    public override string Variant => "chains.long.direct";
}
