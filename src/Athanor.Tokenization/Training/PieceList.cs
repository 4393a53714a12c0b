using System.Text;

namespace Athanor.Tokenization.Training;

/// <summary>The pieces of a unigram model with their scores, as UTF-8 behind one another.</summary>
internal sealed class PieceList
{
    private byte[] _bytes = new byte[1 << 16];
    private int[] _ends = new int[1 << 10];
    private double[] _scores = new double[1 << 10];

    /// <summary>How many pieces there are.</summary>
    public int Count { get; private set; }

    /// <summary>The scores: natural logarithms of probabilities.</summary>
    public Span<double> Scores => _scores.AsSpan(0, Count);

    /// <summary>A piece.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            int start = index == 0 ? 0 : _ends[index - 1];
            return _bytes.AsSpan(start, _ends[index] - start);
        }
    }

    public string TextOf(int index) => Encoding.UTF8.GetString(this[index]);

    public void Add(ReadOnlySpan<byte> piece, double score)
    {
        int start = Count == 0 ? 0 : _ends[Count - 1];
        if (start + piece.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(start + piece.Length, _bytes.Length * 2));
        }

        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
            Array.Resize(ref _scores, Count * 2);
        }

        piece.CopyTo(_bytes.AsSpan(start));
        _ends[Count] = start + piece.Length;
        _scores[Count++] = score;
    }

    public void Add(ReadOnlySpan<int> characters, double score)
    {
        Span<byte> utf8 = characters.Length <= 64 ? stackalloc byte[256] : new byte[4 * characters.Length];
        int length = 0;
        foreach (int character in characters)
        {
            length += new Rune(character).EncodeToUtf8(utf8[length..]);
        }

        Add(utf8[..length], score);
    }
}
