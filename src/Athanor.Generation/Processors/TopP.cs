namespace Athanor.Generation.Processors;

/// <summary>Nucleus sampling (Holtzman et al. 2020): keeps the shortest head of the tokens, most probable first, whose probability reaches p; at least one.</summary>
/// <param name="p">From 0 (the most probable token alone) to 1.</param>
public sealed class TopP(double p) : ILogitsProcessor
{
    // rounding must not put the most probable token below the border
    private const double Slack = 1e-6;

    private readonly double _p = p is >= 0 and <= 1 ? p : throw new ArgumentOutOfRangeException(nameof(p));
    private readonly TokenRanking _ranking = new();

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        double logSum = LogitsMath.LogSumExp(logits);
        // the tokens below (1 − p) / V have less than 1 − p together, so that the head never reaches them: only the others are sorted
        double border = logSum + Math.Log((1 - _p) / logits.Length) - Slack;
        _ranking.Clear(logits.Length);
        for (int token = 0; token < logits.Length; token++)
        {
            if (logits[token] != LogitsMath.Removed && logits[token] >= border)
            {
                _ranking.Add(token, -logits[token]);
            }
        }

        _ranking.Sort();
        double mass = 0;
        int kept = 0;
        while (kept < _ranking.Count && (kept == 0 || mass < _p))
        {
            mass += Math.Exp(logits[_ranking.Token(kept)] - logSum);
            kept++;
        }

        if (kept == 0)
        {
            return;
        }

        float last = logits[_ranking.Token(kept - 1)];
        LogitsMath.RemoveBelow(logits, last);
        for (int rank = kept; rank < _ranking.Count; rank++)
        {
            logits[_ranking.Token(rank)] = LogitsMath.Removed;
        }
    }
}
