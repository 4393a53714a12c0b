namespace Athanor.Tokenization.Training;

/// <summary>Counts the words of many texts on many threads.</summary>
internal static class WordCounter
{
    private const int BatchTexts = 64;
    private const int BatchCharacters = 1 << 18;

    /// <summary>Counts the words of all texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="split">Adds the words of a text to a table.</param>
    /// <param name="threads">How many threads; the result is the same.</param>
    /// <param name="memory">Where the list is kept.</param>
    /// <param name="cancellation">Stops.</param>
    public static WordList Count(IEnumerable<string> texts, Action<string, WordTable> split, int threads, WorkingMemory memory, CancellationToken cancellation)
    {
        using IEnumerator<string> source = texts.GetEnumerator();
        WordTable[] tables = new WordTable[threads];
        Lock gate = new();
        void Work(int thread)
        {
            WordTable table = tables[thread] = new WordTable();
            List<string> batch = [];
            while (true)
            {
                batch.Clear();
                lock (gate)
                {
                    for (int characters = 0; batch.Count < BatchTexts && characters < BatchCharacters && source.MoveNext();)
                    {
                        batch.Add(source.Current);
                        characters += source.Current.Length;
                    }
                }

                if (batch.Count == 0)
                {
                    return;
                }

                cancellation.ThrowIfCancellationRequested();
                foreach (string text in batch)
                {
                    split(text, table);
                }
            }
        }

        if (threads == 1)
        {
            Work(0);
        }
        else
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, Work);
        }

        WordTable total = tables[0];
        foreach (WordTable table in tables.Skip(1).OfType<WordTable>())
        {
            total.Add(table);
        }

        return WordList.From(total, memory);
    }
}
