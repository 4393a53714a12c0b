namespace Athanor.Generation.Processors;

/// <summary>
/// Removes tokens whose probability is below η = min(ε, √ε · exp(−H)), H the entropy in nats, never the most probable one (Hewitt, Manning and Liang 2022).
/// </summary>
/// <param name="epsilon">From 0 (keeps all) to below 1.</param>
public sealed class EtaCutoff(double epsilon) : ILogitsProcessor
{
    private readonly double _logEpsilon = epsilon is >= 0 and < 1 ? Math.Log(epsilon) : throw new ArgumentOutOfRangeException(nameof(epsilon));

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        double logSum = LogitsMath.LogSumExp(logits);
        double logEta = Math.Min(_logEpsilon, (0.5 * _logEpsilon) - LogitsMath.Entropy(logits, logSum));
        LogitsMath.RemoveBelow(logits, Math.Min(logSum + logEta, LogitsMath.Maximum(logits)));
    }
}
