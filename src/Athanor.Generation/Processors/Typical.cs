namespace Athanor.Generation.Processors;

/// <summary>
/// Locally typical sampling (Meister et al. 2023): keeps the tokens whose information −ln p is nearest to the entropy H of the distribution, the shortest
/// such head whose probability reaches the mass; at least one.
/// </summary>
/// <param name="mass">From 0 to 1.</param>
public sealed class Typical(double mass) : ILogitsProcessor
{
    private readonly double _mass = mass is >= 0 and <= 1 ? mass : throw new ArgumentOutOfRangeException(nameof(mass));
    private readonly TokenRanking _ranking = new();

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        double logSum = LogitsMath.LogSumExp(logits);
        double entropy = LogitsMath.Entropy(logits, logSum);
        _ranking.Clear(logits.Length);
        for (int token = 0; token < logits.Length; token++)
        {
            if (logits[token] != LogitsMath.Removed)
            {
                _ranking.Add(token, (float)Math.Abs(logSum - logits[token] - entropy));
            }
        }

        _ranking.Sort();
        double kept = 0;
        for (int rank = 0; rank < _ranking.Count; rank++)
        {
            ref float logit = ref logits[_ranking.Token(rank)];
            if (rank > 0 && kept >= _mass)
            {
                logit = LogitsMath.Removed;
            }
            else
            {
                kept += Math.Exp(logit - logSum);
            }
        }
    }
}
