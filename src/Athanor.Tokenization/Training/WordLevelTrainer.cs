using System.Text;

namespace Athanor.Tokenization.Training;

/// <summary>Learns a vocabulary of whole words, as Hugging Face tokenizers' <c>WordLevelTrainer</c> does: by falling count, equal counts by code point.</summary>
internal static class WordLevelTrainer
{
    /// <summary>Trains.</summary>
    /// <param name="words">The counted words.</param>
    /// <param name="vocabularySize">The most tokens.</param>
    /// <param name="leastFrequency">Rarer words are left out.</param>
    /// <param name="specialTokens">The tokens with the first ids.</param>
    public static IReadOnlyList<string> Learn(WordList words, int vocabularySize, long leastFrequency, IReadOnlyList<string> specialTokens)
    {
        // Words come in the order of their bytes; the heap holds the best so far with the worst on top
        PriorityQueue<long, (long Count, long Index)> best = new(Comparer<(long Count, long Index)>.Create((first, second) =>
            first.Count != second.Count ? first.Count.CompareTo(second.Count) : second.Index.CompareTo(first.Index)));
        int room = Math.Max(0, vocabularySize - specialTokens.Count);
        for (long word = 0; word < words.Count; word++)
        {
            long count = words.CountOf(word);
            if (count >= leastFrequency)
            {
                best.Enqueue(word, (count, word));
                if (best.Count > room)
                {
                    best.Dequeue();
                }
            }
        }

        string[] tokens = new string[best.Count];
        for (int at = tokens.Length - 1; at >= 0; at--)
        {
            tokens[at] = Encoding.UTF8.GetString(words[best.Dequeue()]);
        }

        return [.. specialTokens.Take(vocabularySize), .. tokens];
    }
}
