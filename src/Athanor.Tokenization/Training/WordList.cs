namespace Athanor.Tokenization.Training;

/// <summary>The different words of a corpus in the order of their bytes, each with how often it occurs: what all trainers learn from.</summary>
internal sealed unsafe class WordList : IDisposable
{
    private readonly LargeArray<byte> _bytes;
    private readonly LargeArray<long> _ends;
    private readonly LargeArray<long> _counts;

    /// <summary>A list to be filled, with room for words and bytes.</summary>
    public WordList(WorkingMemory memory, long words, long bytes)
    {
        Memory = memory;
        _bytes = new LargeArray<byte>(memory, bytes);
        _ends = new LargeArray<long>(memory, words + 1);
        _counts = new LargeArray<long>(memory, words);
    }

    /// <summary>What the arrays of a training are taken from.</summary>
    public WorkingMemory Memory { get; }

    /// <summary>How many different words there are.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of all different words.</summary>
    public long Bytes => _ends.Pointer[Count];

    /// <summary>A word.</summary>
    public ReadOnlySpan<byte> this[long index]
    {
        get
        {
            long start = _ends.Pointer[index];
            return new ReadOnlySpan<byte>(_bytes.Pointer + start, (int)(_ends.Pointer[index + 1] - start));
        }
    }

    /// <summary>A list of the words in a table.</summary>
    public static WordList From(WordTable table, WorkingMemory memory)
    {
        WordList list = new(memory, table.Count, table.TextBytes);
        foreach (int index in table.InOrder())
        {
            list.Append(table[index], table.CountOf(index));
        }

        return list;
    }

    /// <summary>How often a word occurs.</summary>
    public long CountOf(long index) => _counts.Pointer[index];

    /// <summary>Adds a word behind the others.</summary>
    public void Append(ReadOnlySpan<byte> word, long count)
    {
        long start = _ends.Pointer[Count];
        _bytes.Grow(start + word.Length);
        _ends.Grow(Count + 2);
        _counts.Grow(Count + 1);
        word.CopyTo(new Span<byte>(_bytes.Pointer + start, word.Length));
        _counts.Pointer[Count++] = count;
        _ends.Pointer[Count] = start + word.Length;
    }

    public void Dispose()
    {
        _bytes.Dispose();
        _ends.Dispose();
        _counts.Dispose();
    }
}
