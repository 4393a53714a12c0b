using System.Runtime.InteropServices;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.BytePairs;

/// <summary>How often each word occurs. Sums do not depend on the order of adding, so texts may be counted by any number of threads.</summary>
internal sealed class WordCounts
{
    private const int BatchSize = 64;

    private readonly Dictionary<string, long> _counts = [];
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public WordCounts()
    {
        _lookup = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public static WordCounts Of(IEnumerable<string> texts, int threads, CancellationToken cancellation)
    {
        WordCounts total = new();
        Lock gate = new();
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.ForEach(
            texts.Chunk(BatchSize),
            options,
            () => new WordCounts(),
            (batch, _, counts) =>
            {
                foreach (string text in batch)
                {
                    counts.Add(text);
                }

                return counts;
            },
            counts =>
            {
                lock (gate)
                {
                    total.Add(counts);
                }
            });
        return total;
    }

    public void Add(ReadOnlySpan<char> text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = WordSplitter.Next(text, start);
            CollectionsMarshal.GetValueRefOrAddDefault(_lookup, text[start..end], out _)++;
            start = end;
        }
    }

    private void Add(WordCounts other)
    {
        foreach ((string word, long count) in other._counts)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, word, out _) += count;
        }
    }
}
