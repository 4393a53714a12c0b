namespace Athanor.Generation.Processors;

/// <summary>Lowers a token's logit by count · frequency + (count &gt; 0) · presence, count = its occurrences so far (OpenAI's penalties).</summary>
/// <param name="presence">Taken once from every token seen before.</param>
/// <param name="frequency">Taken for each occurrence.</param>
/// <param name="scope">Which tokens count as seen.</param>
public sealed class PresenceFrequencyPenalty(double presence, double frequency, TokenScope scope = TokenScope.Context) : ILogitsProcessor
{
    private readonly float _presence = (float)presence;
    private readonly float _frequency = (float)frequency;
    private readonly SeenTokens _seen = new();

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        _seen.Clear(logits.Length);
        foreach (int token in context.In(scope))
        {
            if ((uint)token >= (uint)logits.Length)
            {
                continue;
            }

            logits[token] -= _seen.Add(token) ? _presence + _frequency : _frequency;
        }
    }
}
