namespace Athanor.Tokenization.SentencePiece;

/// <summary>The pairs that may be joined, the one with the highest score on top, of equal ones the leftmost. A binary heap.</summary>
internal sealed class PairHeap
{
    private Pair[] _pairs = new Pair[256];
    private int _count;

    public void Push(Pair pair)
    {
        if (_count == _pairs.Length)
        {
            Array.Resize(ref _pairs, _count * 2);
        }

        int hole = _count++;
        while (hole > 0 && pair.ComesBefore(_pairs[(hole - 1) >> 1]))
        {
            _pairs[hole] = _pairs[(hole - 1) >> 1];
            hole = (hole - 1) >> 1;
        }

        _pairs[hole] = pair;
    }

    public bool TryPop(out Pair top)
    {
        if (_count == 0)
        {
            top = default;
            return false;
        }

        top = _pairs[0];
        Pair last = _pairs[--_count];
        int hole = 0;
        for (int child = 1; child < _count; child = (2 * hole) + 1)
        {
            if (child + 1 < _count && _pairs[child + 1].ComesBefore(_pairs[child]))
            {
                child++;
            }

            if (!_pairs[child].ComesBefore(last))
            {
                break;
            }

            _pairs[hole] = _pairs[child];
            hole = child;
        }

        _pairs[hole] = last;
        return true;
    }

    /// <summary>Two neighbours that are a piece together.</summary>
    /// <param name="Score">The score of that piece.</param>
    /// <param name="Left">The index of the left one.</param>
    /// <param name="Right">The index of the right one.</param>
    /// <param name="Length">Its length in bytes, by which a pair that was overtaken is known.</param>
    public readonly record struct Pair(float Score, int Left, int Right, int Length)
    {
        public bool ComesBefore(Pair other) => Score > other.Score || (Score == other.Score && Left < other.Left);
    }
}
