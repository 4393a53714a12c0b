namespace Athanor.Evaluation.Tasks;

/// <summary>Chains longer than any seen in training, answered at once.</summary>
public sealed class ChainsLongDirect : ChainTask
{
    /// <inheritdoc/>
    public override string Name => "chains.long.direct";

    /// <inheritdoc/>
    public override string Measures => "Whether answering at once carries over to chains longer than any the model was trained on.";

    /// <inheritdoc/>
    public override int MaximumAnswerTokens => 16;

    /// <inheritdoc/>
    public override int Limit => 200;
}
