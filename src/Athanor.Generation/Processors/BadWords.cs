namespace Athanor.Generation.Processors;

/// <summary>Removes the last token of each forbidden sequence where the context ends with the tokens before it; a sequence of one token always.</summary>
/// <param name="sequences">Forbidden sequences of tokens, none empty.</param>
public sealed class BadWords(IReadOnlyList<int[]> sequences) : ILogitsProcessor
{
    private readonly int[][] _sequences = sequences.All(sequence => sequence.Length > 0) ? [.. sequences] : throw new ArgumentException("a forbidden sequence is empty", nameof(sequences));

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        foreach (int[] sequence in _sequences)
        {
            if ((uint)sequence[^1] < (uint)logits.Length && context.Tokens.EndsWith(sequence.AsSpan(0, sequence.Length - 1)))
            {
                logits[sequence[^1]] = LogitsMath.Removed;
            }
        }
    }
}
