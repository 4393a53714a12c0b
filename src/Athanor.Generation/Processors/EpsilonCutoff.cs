namespace Athanor.Generation.Processors;

/// <summary>Removes tokens whose probability is below ε, never the most probable one (Hewitt, Manning and Liang 2022).</summary>
/// <param name="epsilon">From 0 (keeps all) to below 1.</param>
public sealed class EpsilonCutoff(double epsilon) : ILogitsProcessor
{
    private readonly double _logEpsilon = epsilon is >= 0 and < 1 ? Math.Log(epsilon) : throw new ArgumentOutOfRangeException(nameof(epsilon));

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        double border = LogitsMath.LogSumExp(logits) + _logEpsilon;
        LogitsMath.RemoveBelow(logits, Math.Min(border, LogitsMath.Maximum(logits)));
    }
}
