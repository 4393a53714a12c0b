using System.Numerics;

namespace Athanor.Tokenization.Training;

/// <summary>All ways of cutting a word into pieces (Kudo 2018, "Subword regularization", section 3.2). One for each thread: it keeps its arrays.</summary>
internal sealed class UnigramLattice
{
    // Below this the products of probabilities lose digits and logarithms take over
    private const double Smallest = 1e-280;

    private readonly PrefixTrie _trie;
    private readonly double[] _scores;
    private readonly double[] _probabilities;
    private readonly double _unknownScore;
    private readonly double _unknownProbability;
    private int[] _begins = new int[256];
    private int[] _ends = new int[256];
    private int[] _pieces = new int[256];
    private double[] _forward = new double[65];
    private double[] _backward = new double[65];
    private int[] _best = new int[65];
    private int _length;

    /// <param name="trie">The pieces.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="probabilities">Their exponentials.</param>
    /// <param name="unknownScore">The score of a character that no piece holds by itself; it counts as piece 0.</param>
    public UnigramLattice(PrefixTrie trie, double[] scores, double[] probabilities, double unknownScore)
    {
        _trie = trie;
        _scores = scores;
        _probabilities = probabilities;
        _unknownScore = unknownScore;
        _unknownProbability = Math.Exp(unknownScore);
    }

    /// <summary>How many pieces were found in the word.</summary>
    public int Count { get; private set; }

    /// <summary>Finds all pieces in a word.</summary>
    public void Set(ReadOnlySpan<byte> word)
    {
        Count = 0;
        _length = word.Length;
        if (_forward.Length <= word.Length)
        {
            int room = (int)BitOperations.RoundUpToPowerOf2((uint)word.Length + 1);
            _forward = new double[room];
            _backward = new double[room];
            _best = new int[room];
        }

        for (int begin = 0; begin < word.Length;)
        {
            int width = WidthOf(word, begin);
            bool single = false;
            int node = 0;
            for (int end = begin; end < word.Length;)
            {
                node = _trie.Step(node, word[end++]);
                if (node == 0)
                {
                    break;
                }

                int piece = _trie.PieceAt(node);
                if (piece >= 0)
                {
                    Add(begin, end, piece);
                    single |= end - begin == width;
                }
            }

            if (!single)
            {
                Add(begin, begin + width, -1);
            }

            begin += width;
        }
    }

    /// <summary>Adds to each piece how often it is expected, and gives the logarithm of the word's probability.</summary>
    public double AddExpectations(long count, double[] expected)
    {
        double[] forward = _forward;
        double[] backward = _backward;
        Array.Clear(forward, 0, _length + 1);
        Array.Clear(backward, 0, _length + 1);
        forward[0] = 1;
        for (int at = 0; at < Count; at++)
        {
            forward[_ends[at]] += forward[_begins[at]] * ProbabilityOf(_pieces[at]);
        }

        double total = forward[_length];
        if (!(total > Smallest))
        {
            return AddByLogarithms(count, expected);
        }

        backward[_length] = count / total;
        for (int at = Count - 1; at >= 0; at--)
        {
            double there = ProbabilityOf(_pieces[at]) * backward[_ends[at]];
            backward[_begins[at]] += there;
            expected[Math.Max(0, _pieces[at])] += forward[_begins[at]] * there;
        }

        return Math.Log(total);
    }

    /// <summary>The best way, last piece first; where two are equal the one whose last piece is longer.</summary>
    /// <param name="path">Gets the pieces; an unknown character is piece 0.</param>
    /// <param name="whole">Whether a piece may cover the word.</param>
    /// <returns>The score; negative infinity where there is no way.</returns>
    public double Best(List<int> path, bool whole = true)
    {
        path.Clear();
        double[] scores = _forward;
        Array.Fill(scores, double.NegativeInfinity, 0, _length + 1);
        scores[0] = 0;
        for (int at = 0; at < Count; at++)
        {
            if (!whole && _ends[at] - _begins[at] == _length)
            {
                continue;
            }

            double score = scores[_begins[at]] + ScoreOf(_pieces[at]);
            if (score > scores[_ends[at]])
            {
                scores[_ends[at]] = score;
                _best[_ends[at]] = at;
            }
        }

        if (!double.IsNegativeInfinity(scores[_length]))
        {
            for (int end = _length; end > 0; end = _begins[_best[end]])
            {
                path.Add(Math.Max(0, _pieces[_best[end]]));
            }
        }

        return scores[_length];
    }

    private static int WidthOf(ReadOnlySpan<byte> word, int at)
    {
        int width = word[at] < 0x80 ? 1 : word[at] < 0xE0 ? 2 : word[at] < 0xF0 ? 3 : 4;
        return Math.Min(width, word.Length - at);
    }

    private double ScoreOf(int piece) => piece < 0 ? _unknownScore : _scores[piece];

    private double ProbabilityOf(int piece) => piece < 0 ? _unknownProbability : _probabilities[piece];

    private void Add(int begin, int end, int piece)
    {
        if (Count == _begins.Length)
        {
            Array.Resize(ref _begins, Count * 2);
            Array.Resize(ref _ends, Count * 2);
            Array.Resize(ref _pieces, Count * 2);
        }

        _begins[Count] = begin;
        _ends[Count] = end;
        _pieces[Count++] = piece;
    }

    private double AddByLogarithms(long count, double[] expected)
    {
        double[] forward = _forward;
        double[] backward = _backward;
        Array.Fill(forward, double.NegativeInfinity, 0, _length + 1);
        Array.Fill(backward, double.NegativeInfinity, 0, _length + 1);
        forward[0] = 0;
        backward[_length] = 0;
        for (int at = 0; at < Count; at++)
        {
            forward[_ends[at]] = LogSum(forward[_ends[at]], forward[_begins[at]] + ScoreOf(_pieces[at]));
        }

        double total = forward[_length];
        for (int at = Count - 1; at >= 0; at--)
        {
            double there = ScoreOf(_pieces[at]) + backward[_ends[at]];
            backward[_begins[at]] = LogSum(backward[_begins[at]], there);
            expected[Math.Max(0, _pieces[at])] += count * Math.Exp(forward[_begins[at]] + there - total);
        }

        return total;
    }

    private static double LogSum(double first, double second)
    {
        double larger = Math.Max(first, second);
        return double.IsNegativeInfinity(larger) ? larger : larger + Math.Log(1 + Math.Exp(Math.Min(first, second) - larger));
    }
}
