using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.BytePairs;

/// <summary>The symbols of a word while they are merged: a row in which a merged symbol leaves a gap.</summary>
internal sealed class Symbols(int capacity)
{
    private int[] _ids = new int[Math.Max(4, capacity)];
    private int[] _bytes = new int[Math.Max(4, capacity)];

    /// <summary>How many symbols there were at first.</summary>
    public int Count { get; private set; }

    /// <summary>The ids.</summary>
    public Span<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>How many bytes of the word each stands for; 0 where a symbol went into the one before it.</summary>
    public Span<int> Bytes => _bytes.AsSpan(0, Count);

    /// <summary>Adds a symbol.</summary>
    public void Add(int id, int bytes)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, Count * 2);
            Array.Resize(ref _bytes, Count * 2);
        }

        _ids[Count] = id;
        _bytes[Count++] = bytes;
    }

    /// <summary>Appends the symbols that are left.</summary>
    public void AppendTo(List<Piece> pieces)
    {
        int start = 0;
        for (int at = 0; at < Count; at++)
        {
            if (_bytes[at] > 0)
            {
                pieces.Add(new Piece(_ids[at], start, start + _bytes[at]));
                start += _bytes[at];
            }
        }
    }
}
