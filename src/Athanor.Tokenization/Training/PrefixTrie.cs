namespace Athanor.Tokenization.Training;

/// <summary>Finds the pieces that begin at a place of a text: a trie over bytes whose children lie side by side.</summary>
internal sealed class PrefixTrie
{
    private readonly int[] _firstChild;
    private readonly int[] _piece;
    private readonly byte[] _label;
    private readonly int[] _root = new int[256];

    /// <param name="pieces">The pieces.</param>
    /// <param name="from">The first one that counts.</param>
    public PrefixTrie(PieceList pieces, int from)
    {
        int[] order = new int[pieces.Count - from];
        for (int index = 0; index < order.Length; index++)
        {
            order[index] = from + index;
        }

        Array.Sort(order, (first, second) => pieces[first].SequenceCompareTo(pieces[second]));
        int room = 2;
        for (int index = 0; index < order.Length; index++)
        {
            ReadOnlySpan<byte> piece = pieces[order[index]];
            room += index == 0 ? piece.Length : piece.Length - piece.CommonPrefixLength(pieces[order[index - 1]]);
        }

        _firstChild = new int[room + 1];
        _piece = new int[room];
        _label = new byte[room];
        Array.Fill(_piece, -1);
        int nodes = 1;

        // Breadth first: the children of a node get numbers in a row, and a node's children end where the next node's begin
        Queue<(int From, int To, int Depth)> open = new();
        open.Enqueue((0, order.Length, 0));
        for (int node = 0; open.TryDequeue(out (int From, int To, int Depth) range); node++)
        {
            _firstChild[node] = nodes;
            int at = range.From;
            if (at < range.To && pieces[order[at]].Length == range.Depth)
            {
                _piece[node] = order[at++];
            }

            while (at < range.To)
            {
                byte label = pieces[order[at]][range.Depth];
                int end = at + 1;
                while (end < range.To && pieces[order[end]][range.Depth] == label)
                {
                    end++;
                }

                _label[nodes++] = label;
                open.Enqueue((at, end, range.Depth + 1));
                at = end;
            }
        }

        _firstChild[nodes] = nodes;
        for (int child = _firstChild[0]; child < _firstChild[1]; child++)
        {
            _root[_label[child]] = child;
        }
    }

    /// <summary>Follows a byte from a node; the root is 0, and 0 means that nothing goes on.</summary>
    public int Step(int node, byte label)
    {
        if (node == 0)
        {
            return _root[label];
        }

        int low = _firstChild[node];
        int high = _firstChild[node + 1];
        while (high - low > 8)
        {
            int middle = (low + high) >>> 1;
            if (_label[middle] <= label)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        for (; low < high; low++)
        {
            if (_label[low] == label)
            {
                return low;
            }
        }

        return 0;
    }

    /// <summary>The piece that ends at a node, or -1.</summary>
    public int PieceAt(int node) => _piece[node];
}
