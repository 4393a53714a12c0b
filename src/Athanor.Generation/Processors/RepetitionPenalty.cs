namespace Athanor.Generation.Processors;

/// <summary>Divides the logit of each token seen before by a penalty if it is above 0, else multiplies (Keskar et al. 2019, CTRL, section 4.1).</summary>
/// <param name="penalty">Above 0; above 1 discourages, below 1 encourages repetition.</param>
/// <param name="scope">Which tokens count as seen.</param>
public sealed class RepetitionPenalty(double penalty, TokenScope scope = TokenScope.Context) : ILogitsProcessor
{
    private readonly float _penalty = penalty > 0 ? (float)penalty : throw new ArgumentOutOfRangeException(nameof(penalty));
    private readonly SeenTokens _seen = new();

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        _seen.Clear(logits.Length);
        foreach (int token in context.In(scope))
        {
            if (_seen.Add(token) && token < logits.Length)
            {
                ref float logit = ref logits[token];
                logit = logit > 0 ? logit / _penalty : logit * _penalty;
            }
        }
    }
}
