using Athanor.Torch.Executors;

namespace Athanor.Training.Data;

/// <summary>A micro-batch with its targets.</summary>
/// <param name="Tokens">The sequences.</param>
/// <param name="Targets">The target of each position, <c>[rows, length]</c>; −1 where nothing is predicted.</param>
/// <param name="TargetCount">How many targets there are.</param>
public sealed record TrainingBatch(TokenBatch Tokens, ReadOnlyMemory<long> Targets, int TargetCount)
{
    /// <summary>Lays rows side by side.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="acrossDocuments">Whether attention crosses documents.</param>
    public static TrainingBatch From(IReadOnlyList<TokenRow> rows, bool acrossDocuments)
    {
        int length = rows[0].Tokens.Length - 1;
        int[] tokens = new int[rows.Count * length];
        int[] documents = acrossDocuments ? [] : new int[rows.Count * length];
        long[] targets = new long[rows.Count * length];
        int count = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].Tokens.AsSpan(0, length).CopyTo(tokens.AsSpan(i * length));
            count += rows[i].WriteTargets(targets.AsSpan(i * length, length), acrossDocuments);
            if (!acrossDocuments)
            {
                rows[i].Documents.AsSpan(0, length).CopyTo(documents.AsSpan(i * length));
            }
        }

        return new TrainingBatch(new TokenBatch(rows.Count, length, tokens, documents), targets, count);
    }
}
