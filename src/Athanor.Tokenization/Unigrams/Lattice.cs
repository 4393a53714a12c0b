using System.Runtime.InteropServices;
using Athanor.Core.Randomness;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// All segmentations of a text under a unigram model: a node for each piece at each place it can stand, in characters. Sums are in single precision and in SentencePiece's order, so
/// that its n-best lists come out in its order.
/// </summary>
internal sealed class Lattice
{
    private const int Beginning = 0;
    private const int End = 1;

    private readonly List<Node> _nodes = [];
    private readonly List<int>[] _startingAt;
    private readonly List<int>[] _endingAt;

    /// <param name="text">UTF-8.</param>
    /// <param name="trie">The pieces that may be used, by id.</param>
    /// <param name="scoreOf">The score of a piece by its id and its length in characters.</param>
    /// <param name="unknownId">The id of a character that is no piece.</param>
    /// <param name="unknownScore">Its score.</param>
    public Lattice(ReadOnlySpan<byte> text, PieceTrie trie, Func<int, int, float> scoreOf, int unknownId, float unknownScore)
    {
        int[] characterAt = new int[text.Length + 1];
        List<int> starts = [];
        for (int at = 0; at < text.Length;)
        {
            int length = UnigramSegmenter.CharacterLength(text, at);
            characterAt.AsSpan(at, length).Fill(starts.Count);
            starts.Add(at);
            at += length;
        }

        Length = starts.Count;
        characterAt[text.Length] = Length;
        _startingAt = new List<int>[Length + 1];
        _endingAt = new List<int>[Length + 1];
        for (int i = 0; i <= Length; i++)
        {
            _startingAt[i] = [];
            _endingAt[i] = [];
        }

        _nodes.Add(new Node(-1, 0, 0, 0, 0));
        _endingAt[0].Add(Beginning);
        _nodes.Add(new Node(-1, Length, Length, text.Length, 0));
        _startingAt[Length].Add(End);
        for (int from = 0; from < Length; from++)
        {
            int state = PieceTrie.Root;
            bool single = false;
            for (int at = starts[from]; at < text.Length && trie.TryStep(ref state, text[at], out int piece); at++)
            {
                if (piece >= 0)
                {
                    // A piece that ends within a character (there is none in UTF-8) would reach to the character's end.
                    int to = at + 1 == text.Length ? Length : characterAt[at + 1];
                    Insert(piece, from, to, at + 1, scoreOf(piece, to - from));
                    single |= to - from == 1;
                }
            }

            if (!single)
            {
                Insert(unknownId, from, from + 1, from + 1 == Length ? text.Length : starts[from + 1], unknownScore);
            }
        }
    }

    /// <summary>How many characters the text has.</summary>
    public int Length { get; }

    /// <summary>The best segmentation.</summary>
    /// <param name="result">Its pieces are appended.</param>
    /// <returns>The sum of its scores.</returns>
    public float Best(Segmentation result)
    {
        Backtrace();
        int first = result.Count;
        for (int node = _nodes[End].Previous; node != Beginning; node = _nodes[node].Previous)
        {
            result.Add(_nodes[node].Id, _nodes[node].ByteEnd);
        }

        result.ReverseFrom(first);
        return _nodes[End].Sum;
    }

    /// <summary>The best segmentations in order, by an A* search from the end with the exact best sum of the rest as its estimate (Nagata 1994).</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellation">Ends the search.</param>
    public IEnumerable<(Segmentation Pieces, float Score)> BestOnes(int count, CancellationToken cancellation = default)
    {
        const int largestAgenda = 10000;
        const int keptAgenda = 512;
        Backtrace();
        int found = 0;
        Agenda agenda = new();
        agenda.Push(new Hypothesis(End, null, _nodes[End].Sum, 0));
        while (agenda.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            Hypothesis top = agenda.Pop();
            if (top.Node == Beginning)
            {
                Segmentation pieces = new();
                for (Hypothesis step = top.Next!; step.Next is not null; step = step.Next)
                {
                    pieces.Add(_nodes[step.Node].Id, _nodes[step.Node].ByteEnd);
                }

                yield return (pieces, top.Estimate);
                if (++found == count)
                {
                    yield break;
                }

                continue;
            }

            foreach (int left in _endingAt[_nodes[top.Node].Start])
            {
                agenda.Push(new Hypothesis(left, top, _nodes[left].Sum + top.Sum, _nodes[left].Score + top.Sum));
            }

            if (agenda.Count >= largestAgenda)
            {
                Agenda smaller = new();
                for (int i = 0; i < Math.Min(keptAgenda, count * 10); i++)
                {
                    smaller.Push(agenda.Pop());
                }

                agenda = smaller;
            }
        }
    }

    /// <summary>A segmentation drawn with a probability proportional to its own, raised to a power (forward sums, then sampling from the end; Kudo 2018, section 3.2).</summary>
    /// <param name="power">The power; 0: every segmentation is equally likely, large: the best one.</param>
    /// <param name="random">Draws.</param>
    /// <param name="result">The pieces are appended.</param>
    /// <returns>The natural logarithm of the probability with which it was drawn.</returns>
    public double Sample(double power, RandomStream random, Segmentation result)
    {
        double[] sums = ForwardSums(power);
        int first = result.Count;
        double probability = 0;
        List<double> shares = [];
        for (int node = End; ;)
        {
            shares.Clear();
            double total = 0;
            List<int> candidates = _endingAt[_nodes[node].Start];
            foreach (int left in candidates)
            {
                shares.Add(Math.Exp(sums[left] + (power * _nodes[left].Score) - sums[node]));
                total += shares[^1];
            }

            double drawn = random.NextDouble() * total;
            int chosen = 0;
            while (chosen < candidates.Count - 1 && (drawn -= shares[chosen]) >= 0)
            {
                chosen++;
            }

            probability += Math.Log(shares[chosen] / total);
            node = candidates[chosen];
            if (node == Beginning)
            {
                break;
            }

            result.Add(_nodes[node].Id, _nodes[node].ByteEnd);
        }

        result.ReverseFrom(first);
        return probability;
    }

    /// <summary>The entropy of the segmentations in nats, their probabilities raised to a power and normalized.</summary>
    public double Entropy(double power)
    {
        double[] sums = ForwardSums(power);
        double[] entropies = new double[_nodes.Count];
        for (int at = 0; at <= Length; at++)
        {
            foreach (int right in _startingAt[at])
            {
                foreach (int left in _endingAt[at])
                {
                    double share = sums[left] + (power * _nodes[left].Score) - sums[right];
                    entropies[right] += Math.Exp(share) * (entropies[left] + share);
                }
            }
        }

        return -entropies[End];
    }

    /// <summary>For each node the logarithm of the sum over all ways to it from the beginning.</summary>
    private double[] ForwardSums(double power)
    {
        double[] sums = new double[_nodes.Count];
        for (int at = 0; at <= Length; at++)
        {
            double largest = double.NegativeInfinity;
            foreach (int left in _endingAt[at])
            {
                largest = Math.Max(largest, sums[left] + (power * _nodes[left].Score));
            }

            double total = 0;
            foreach (int left in _endingAt[at])
            {
                total += Math.Exp(sums[left] + (power * _nodes[left].Score) - largest);
            }

            foreach (int right in _startingAt[at])
            {
                sums[right] = largest + Math.Log(total);
            }
        }

        return sums;
    }

    private void Backtrace()
    {
        Span<Node> nodes = CollectionsMarshal.AsSpan(_nodes);
        for (int at = 0; at <= Length; at++)
        {
            foreach (int right in _startingAt[at])
            {
                ref Node node = ref nodes[right];
                node.Previous = -1;
                foreach (int left in _endingAt[at])
                {
                    float sum = nodes[left].Sum + node.Score;
                    if (node.Previous < 0 || sum > node.Sum)
                    {
                        node.Previous = left;
                        node.Sum = sum;
                    }
                }
            }
        }
    }

    private void Insert(int id, int from, int to, int byteEnd, float score)
    {
        _startingAt[from].Add(_nodes.Count);
        _endingAt[to].Add(_nodes.Count);
        _nodes.Add(new Node(id, from, to, byteEnd, score));
    }

    private record struct Node(int Id, int Start, int Stop, int ByteEnd, float Score)
    {
        public float Sum { get; set; }

        public int Previous { get; set; }
    }

    /// <summary>A way from a node to the end.</summary>
    private sealed record Hypothesis(int Node, Hypothesis? Next, float Estimate, float Sum);

    /// <summary>A binary heap that moves entries as the C++ standard library's heap does: equal estimates come out in the order in which SentencePiece gets them.</summary>
    private sealed class Agenda
    {
        private readonly List<Hypothesis> _heap = [];

        public int Count => _heap.Count;

        public void Push(Hypothesis item)
        {
            _heap.Add(item);
            Rise(_heap.Count - 1, item);
        }

        public Hypothesis Pop()
        {
            Hypothesis top = _heap[0];
            Hypothesis last = _heap[^1];
            _heap.RemoveAt(_heap.Count - 1);
            if (_heap.Count == 0)
            {
                return top;
            }

            int hole = 0;
            int child = 0;
            while (child < (_heap.Count - 1) / 2)
            {
                child = 2 * (child + 1);
                if (_heap[child].Estimate < _heap[child - 1].Estimate)
                {
                    child--;
                }

                _heap[hole] = _heap[child];
                hole = child;
            }

            if ((_heap.Count & 1) == 0 && child == (_heap.Count - 2) / 2)
            {
                child = (2 * child) + 1;
                _heap[hole] = _heap[child];
                hole = child;
            }

            Rise(hole, last);
            return top;
        }

        private void Rise(int hole, Hypothesis item)
        {
            for (int parent = (hole - 1) / 2; hole > 0 && _heap[parent].Estimate < item.Estimate; parent = (hole - 1) / 2)
            {
                _heap[hole] = _heap[parent];
                hole = parent;
            }

            _heap[hole] = item;
        }
    }
}
