namespace Athanor.Generation.Processors;

/// <summary>Removes the tokens that end an answer while prompt and answer together are shorter than a length.</summary>
/// <param name="length">In tokens.</param>
/// <param name="stopTokens">The tokens that end an answer.</param>
public sealed class MinimumLength(int length, IReadOnlyList<int> stopTokens) : ILogitsProcessor
{
    private readonly int[] _stopTokens = [.. stopTokens];

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        if (context.Tokens.Length < length)
        {
            Remove(logits, _stopTokens);
        }
    }

    internal static void Remove(Span<float> logits, int[] tokens)
    {
        foreach (int token in tokens)
        {
            if ((uint)token < (uint)logits.Length)
            {
                logits[token] = LogitsMath.Removed;
            }
        }
    }
}
