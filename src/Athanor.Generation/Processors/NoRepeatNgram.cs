namespace Athanor.Generation.Processors;

/// <summary>Removes each token that with the last n − 1 would repeat an n-gram that is already there (Paulus, Xiong and Socher 2018).</summary>
/// <param name="n">At least 1.</param>
/// <param name="scope">Where n-grams are looked for.</param>
public sealed class NoRepeatNgram(int n, TokenScope scope = TokenScope.Context) : ILogitsProcessor
{
    private readonly int _n = n > 0 ? n : throw new ArgumentOutOfRangeException(nameof(n));

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        ReadOnlySpan<int> tokens = context.In(scope);
        if (tokens.Length < _n)
        {
            return;
        }

        ReadOnlySpan<int> last = tokens[^(_n - 1)..];
        for (int start = 0; start + _n <= tokens.Length; start++)
        {
            int next = tokens[start + _n - 1];
            if ((uint)next < (uint)logits.Length && tokens.Slice(start, _n - 1).SequenceEqual(last))
            {
                logits[next] = LogitsMath.Removed;
            }
        }
    }
}
