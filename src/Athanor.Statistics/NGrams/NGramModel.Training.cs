namespace Athanor.Statistics.NGrams;

/// <content>Counting.</content>
public sealed partial class NGramModel
{
    /// <summary>Counts the n-grams of sequences. One pass an order; memory is about 4 bytes a word and 60 bytes a distinct n-gram.</summary>
    /// <param name="sequences">Sequences of words. <paramref name="begin"/> is put before each that does not begin with it; inside a sequence it begins a new one.</param>
    /// <param name="order">The longest n-gram, from 1 to 16.</param>
    /// <param name="vocabularySize">How many words there are; every word that is scored lies below it.</param>
    /// <param name="begin">The word that begins sequences: a token that is never predicted, or <paramref name="vocabularySize"/> where every token can be.</param>
    /// <param name="cancellation">Stops the counting.</param>
    public static NGramModel Train(
        IEnumerable<ReadOnlyMemory<int>> sequences,
        int order,
        int vocabularySize,
        int begin,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(begin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(begin, vocabularySize);
        List<int> words = [];
        foreach (ReadOnlyMemory<int> sequence in sequences)
        {
            if (sequence.IsEmpty || sequence.Span[0] != begin)
            {
                words.Add(begin);
            }

            words.AddRange(sequence.Span);
        }

        int[] text = [.. words];
        words.Clear();
        words.TrimExcess();
        foreach (int word in text)
        {
            if ((uint)word >= (uint)vocabularySize && word != begin)
            {
                throw new ArgumentOutOfRangeException(nameof(sequences), word, $"a word must lie between 0 and {vocabularySize - 1}");
            }
        }

        NGramTable[] tables = new NGramTable[order + 1];
        int[][] counts = new int[order + 1][];
        counts[1] = new int[Math.Max(vocabularySize, begin + 1)];

        // The number of the n-gram of the length at hand that ends at each word
        int[] ending = [.. text];
        if (order == 1)
        {
            foreach (int word in text)
            {
                counts[1][word] += word == begin ? 0 : 1;
            }
        }

        for (int length = 2; length <= order; length++)
        {
            counts[length] = CountLength(text, ending, length, length == order, begin, counts[length - 1], tables[length] = new NGramTable(), cancellation);
        }

        return new NGramModel(order, vocabularySize, begin, tables, counts);
    }

    private static int[] CountLength(int[] text, int[] ending, int length, bool highest, int begin, int[] shorterCounts, NGramTable table, CancellationToken cancellation)
    {
        int[] counts = new int[1024];
        int position = -1;
        int context = -1;
        for (int at = 0; at < text.Length; at++)
        {
            if ((at & 0xFFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            position = text[at] == begin ? 0 : position + 1;
            int shorter = ending[at];
            if (position < length - 1)
            {
                ending[at] = -1;
            }
            else
            {
                int number = table.Add(context, text[at], out bool added);
                ending[at] = number;
                if (number >= counts.Length)
                {
                    Array.Resize(ref counts, counts.Length * 2);
                }

                // Nothing can stand before a sequence, so n-grams that begin one keep their count
                if (highest || position == length - 1)
                {
                    counts[number]++;
                }

                if (added)
                {
                    // One more distinct word before the n-gram that is a word shorter
                    shorterCounts[shorter]++;
                }
            }

            context = shorter;
        }

        Array.Resize(ref counts, table.Count);
        return counts;
    }
}
