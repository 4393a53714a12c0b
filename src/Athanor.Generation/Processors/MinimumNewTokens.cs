namespace Athanor.Generation.Processors;

/// <summary>Removes the tokens that end an answer while the answer is shorter than a length.</summary>
/// <param name="length">In tokens, without the prompt.</param>
/// <param name="stopTokens">The tokens that end an answer.</param>
public sealed class MinimumNewTokens(int length, IReadOnlyList<int> stopTokens) : ILogitsProcessor
{
    private readonly int[] _stopTokens = [.. stopTokens];

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        if (context.Answer.Length < length)
        {
            MinimumLength.Remove(logits, _stopTokens);
        }
    }
}
