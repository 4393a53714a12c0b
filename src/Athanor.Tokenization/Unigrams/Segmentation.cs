namespace Athanor.Tokenization.Unigrams;

/// <summary>The pieces of a text as a model found them: ids, and where each ends in the UTF-8 bytes. Reused from text to text, so that nothing is allocated in steady state.</summary>
internal sealed class Segmentation
{
    private int[] _ids = new int[64];
    private int[] _ends = new int[64];

    /// <summary>How many pieces there are.</summary>
    public int Count { get; private set; }

    /// <summary>The ids.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Where each piece ends, in bytes.</summary>
    public ReadOnlySpan<int> Ends => _ends.AsSpan(0, Count);

    /// <summary>Takes all pieces out.</summary>
    public void Clear() => Count = 0;

    /// <summary>Appends a piece.</summary>
    public void Add(int id, int end)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, Count * 2);
            Array.Resize(ref _ends, Count * 2);
        }

        _ids[Count] = id;
        _ends[Count++] = end;
    }

    /// <summary>Turns the pieces from an index on around, for a search that finds the last piece first.</summary>
    public void ReverseFrom(int index)
    {
        _ids.AsSpan(index, Count - index).Reverse();
        _ends.AsSpan(index, Count - index).Reverse();
    }
}
