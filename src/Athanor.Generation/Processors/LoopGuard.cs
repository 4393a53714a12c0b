namespace Athanor.Generation.Processors;

/// <summary>
/// Breaks loops without touching other repetition: removes the token that would make the answer end in the same block of tokens three times in a row
/// (for blocks of one or two tokens, as often as fills eight tokens). Small models fall into such loops at low temperature, and penalties on every
/// repeated token, which would also break them, spoil answers that repeat by right, such as worked sums.
/// </summary>
public sealed class LoopGuard : ILogitsProcessor
{
    private const int Copies = 3;
    private const int ShortestLoop = 8;
    private const int LongestBlock = 64;

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        ReadOnlySpan<int> answer = context.Answer;
        for (int block = 1; block <= LongestBlock; block++)
        {
            // with the next token the last `loop` tokens would have the period `block`
            int loop = Math.Max(Copies * block, ShortestLoop);
            if (answer.Length < loop - 1)
            {
                return;
            }

            ReadOnlySpan<int> tail = answer[^(loop - 1)..];
            int next = tail[^block];
            if ((uint)next < (uint)logits.Length && tail[block..].SequenceEqual(tail[..^block]))
            {
                logits[next] = LogitsMath.Removed;
            }
        }
    }
}
