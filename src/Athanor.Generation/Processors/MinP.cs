namespace Athanor.Generation.Processors;

/// <summary>Removes tokens whose probability is below a share of the largest (Nguyen et al. 2024, "Turning up the heat: min-p sampling").</summary>
/// <param name="share">From 0 (keeps all) to 1.</param>
public sealed class MinP(double share) : ILogitsProcessor
{
    // p < share · max p says logit < max logit + ln share: no softmax is needed
    private readonly double _distance = share is >= 0 and <= 1 ? Math.Log(share) : throw new ArgumentOutOfRangeException(nameof(share));

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context) => LogitsMath.RemoveBelow(logits, LogitsMath.Maximum(logits) + _distance);
}
