namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// A trie over byte strings laid out as a double array with exclusive or (Aoe 1989; the variant of Darts-clone): the child of a node by label is the
/// unit at (base of the node) xor label. A node and its children's base are found by block: labels are bytes, so all children of a node share one block of 256 units.
/// </summary>
internal sealed class TrieLayout
{
    private const int BlockSize = 256;

    /// <summary>A block in which this many nodes found no room is not tried again, which keeps building linear.</summary>
    private const int TriesPerBlock = 24;

    private readonly List<Block> _blocks = [];
    private readonly List<int> _open = [];
    private int[] _bases = [];
    private short[] _labels = [];
    private int[] _values = [];

    private TrieLayout()
    {
        AddBlock();
        _labels[0] = 0;
        _blocks[0].Reserve();
    }

    /// <summary>For each unit the index its children are found from, or −1.</summary>
    public ReadOnlySpan<int> Bases => _bases.AsSpan(0, Count);

    /// <summary>For each unit the byte that leads to it, or −1 where the unit is not in use (the root's is 0).</summary>
    public ReadOnlySpan<short> Labels => _labels.AsSpan(0, Count);

    /// <summary>For each unit the value of the key that ends there, or −1.</summary>
    public ReadOnlySpan<int> Values => _values.AsSpan(0, Count);

    /// <summary>How many units there are.</summary>
    public int Count => _blocks.Count * BlockSize;

    /// <summary>Lays out keys; of equal keys the last one's value counts, empty keys are left out.</summary>
    /// <param name="bytes">All keys, one after the other.</param>
    /// <param name="starts">Where each begins; one entry more than there are keys.</param>
    /// <param name="values">The value of each; at least 0.</param>
    public static TrieLayout Build(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, ReadOnlySpan<int> values)
    {
        TrieLayout layout = new();

        int[] order = new int[values.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        int[] sorted = new int[order.Length];
        Span<int> counts = stackalloc int[257];
        Span<byte> children = stackalloc byte[257];
        Stack<(int Unit, int From, int To, int Depth)> work = new();
        work.Push((0, 0, order.Length, 0));
        while (work.TryPop(out (int Unit, int From, int To, int Depth) node))
        {
            SortByByte(bytes, starts, order, sorted, node.From, node.To, node.Depth, counts);
            int from = node.From;
            while (from < node.To && starts[order[from]] + node.Depth == starts[order[from] + 1])
            {
                if (node.Depth > 0)
                {
                    layout._values[node.Unit] = values[order[from]];
                }

                from++;
            }

            int childCount = 0;
            int last = -1;
            for (int i = from; i < node.To; i++)
            {
                byte label = bytes[starts[order[i]] + node.Depth];
                if (label != last)
                {
                    children[childCount++] = label;
                    last = label;
                }
            }

            if (childCount == 0)
            {
                continue;
            }

            int baseIndex = layout.Place(children[..childCount], node.Unit / BlockSize);
            layout._bases[node.Unit] = baseIndex;
            for (int i = from; i < node.To;)
            {
                byte label = bytes[starts[order[i]] + node.Depth];
                int end = i + 1;
                while (end < node.To && bytes[starts[order[end]] + node.Depth] == label)
                {
                    end++;
                }

                layout._labels[baseIndex ^ label] = label;
                work.Push((baseIndex ^ label, i, end, node.Depth + 1));
                i = end;
            }
        }

        return layout;
    }

    /// <summary>
    /// Lays out keys so that nodes behind which the same continuations have the same values share their children: a word graph (Daciuk et al. 2000). The value of a node stands at the child with
    /// label 0, so that no key may hold the byte 0. Of equal keys the last one's value counts, empty keys are left out.
    /// </summary>
    public static TrieLayout BuildShared(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, ReadOnlySpan<int> values)
    {
        // A plain trie first; the number of a child is above its parent's.
        List<GraphNode> nodes = [new GraphNode(0, -1)];
        List<int> parents = [-1];
        int[] order = Sorted(bytes, starts);
        List<int> path = [0];
        ReadOnlySpan<byte> before = [];
        foreach (int key in order)
        {
            ReadOnlySpan<byte> source = bytes[starts[key]..starts[key + 1]];
            int common = source.CommonPrefixLength(before);
            path.RemoveRange(common + 1, path.Count - common - 1);
            for (int at = common; at < source.Length; at++)
            {
                parents.Add(path[^1]);
                path.Add(nodes.Count);
                nodes.Add(new GraphNode(source[at], -1));
            }

            if (source.Length > 0)
            {
                nodes[path[^1]] = nodes[path[^1]] with { Value = values[key] };
            }

            before = source;
        }

        // From the ends to the root: what follows a node is a list of label, value and what follows these; equal lists are one.
        List<int>?[] children = new List<int>?[nodes.Count];
        int[] kinds = new int[nodes.Count];
        Dictionary<string, int> known = [];
        List<List<int>> lists = [];
        System.Text.StringBuilder signature = new();
        for (int node = nodes.Count - 1; node >= 0; node--)
        {
            // Children were met from the last to the first.
            children[node]?.Reverse();
            signature.Clear().Append((char)(nodes[node].Value & 0xFFFF)).Append((char)(nodes[node].Value >> 16));
            foreach (int child in children[node] ?? [])
            {
                signature.Append((char)nodes[child].Label).Append((char)(kinds[child] & 0xFFFF)).Append((char)(kinds[child] >> 16));
            }

            if (!known.TryGetValue(signature.ToString(), out kinds[node]))
            {
                kinds[node] = lists.Count;
                known.Add(signature.ToString(), lists.Count);
                lists.Add(children[node] ?? []);
            }

            children[node] = null;
            if (node > 0)
            {
                (children[parents[node]] ??= []).Add(node);
            }
        }

        TrieLayout layout = new();
        int[] bases = new int[lists.Count];
        Array.Fill(bases, -1);
        Stack<(int Unit, int Node)> work = new();
        work.Push((0, 0));
        Span<byte> labels = stackalloc byte[257];
        while (work.TryPop(out (int Unit, int Node) item))
        {
            int kind = kinds[item.Node];
            int value = nodes[item.Node].Value;
            layout._values[item.Unit] = value;
            if (bases[kind] < 0 && (value >= 0 || lists[kind].Count > 0))
            {
                int count = 0;
                if (value >= 0)
                {
                    labels[count++] = 0;
                }

                foreach (int child in lists[kind])
                {
                    labels[count++] = nodes[child].Label;
                }

                bases[kind] = layout.Place(labels[..count], item.Unit / BlockSize);
                foreach (int child in lists[kind])
                {
                    int unit = bases[kind] ^ nodes[child].Label;
                    layout._labels[unit] = nodes[child].Label;
                    work.Push((unit, child));
                }
            }

            layout._bases[item.Unit] = bases[kind];
        }

        return layout;
    }

    /// <summary>An index in the block that is no node's base (there always is one): looking for children from it finds none.</summary>
    public int UnusedBaseOf(int block) => (block * BlockSize) | _blocks[block].UnusedBase();

    private static int[] Sorted(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts)
    {
        byte[][] keys = new byte[starts.Length - 1][];
        int[] order = new int[keys.Length];
        for (int key = 0; key < keys.Length; key++)
        {
            keys[key] = bytes[starts[key]..starts[key + 1]].ToArray();
            order[key] = key;
        }

        Array.Sort(order, (left, right) => keys[left].AsSpan().SequenceCompareTo(keys[right]) is int difference and not 0 ? difference : left.CompareTo(right));
        return order;
    }

    /// <summary>Sorts a range of keys that agree in the first bytes by the next one; ended keys come first and equal ones keep their order.</summary>
    private static void SortByByte(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, int[] order, int[] sorted, int from, int to, int depth, Span<int> counts)
    {
        if (to - from < 2)
        {
            return;
        }

        if (to - from <= 24)
        {
            for (int i = from + 1; i < to; i++)
            {
                int key = order[i];
                int label = LabelOf(bytes, starts, key, depth);
                int j = i;
                for (; j > from && LabelOf(bytes, starts, order[j - 1], depth) > label; j--)
                {
                    order[j] = order[j - 1];
                }

                order[j] = key;
            }

            return;
        }

        counts.Clear();
        for (int i = from; i < to; i++)
        {
            counts[LabelOf(bytes, starts, order[i], depth)]++;
        }

        int next = from;
        for (int label = 0; label < counts.Length; label++)
        {
            (counts[label], next) = (next, next + counts[label]);
        }

        for (int i = from; i < to; i++)
        {
            sorted[counts[LabelOf(bytes, starts, order[i], depth)]++] = order[i];
        }

        sorted.AsSpan(from, to - from).CopyTo(order.AsSpan(from));
    }

    /// <summary>The byte at a depth, plus one; 0 where the key ended.</summary>
    private static int LabelOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, int key, int depth)
    {
        int at = starts[key] + depth;
        return at == starts[key + 1] ? 0 : bytes[at] + 1;
    }

    private int Place(ReadOnlySpan<byte> children, int preferred)
    {
        if (_blocks[preferred].TryPlace(children, out int low))
        {
            return (preferred * BlockSize) | low;
        }

        for (int i = _open.Count - 1; i >= 0; i--)
        {
            int index = _open[i];
            Block block = _blocks[index];
            if (block.TryPlace(children, out low))
            {
                return (index * BlockSize) | low;
            }

            if (++block.Failures >= TriesPerBlock || block.IsFull)
            {
                _open.RemoveAt(i);
            }
        }

        AddBlock();
        _blocks[^1].TryPlace(children, out low);
        return ((_blocks.Count - 1) * BlockSize) | low;
    }

    private void AddBlock()
    {
        int count = (_blocks.Count + 1) * BlockSize;
        if (_bases.Length < count)
        {
            int before = _bases.Length;
            int size = Math.Max(count, _bases.Length * 2);
            Array.Resize(ref _bases, size);
            Array.Resize(ref _labels, size);
            Array.Resize(ref _values, size);
            _bases.AsSpan(before).Fill(-1);
            _labels.AsSpan(before).Fill(-1);
            _values.AsSpan(before).Fill(-1);
        }

        _open.Add(_blocks.Count);
        _blocks.Add(new Block());
    }

    private readonly record struct GraphNode(byte Label, int Value);

    /// <summary>Which units of a block are taken, and which of its indexes are some node's base (two nodes may not share one: only labels are checked).</summary>
    private sealed class Block
    {
        private readonly ulong[] _taken = new ulong[4];
        private readonly ulong[] _usedBases = new ulong[4];
        private int _free = BlockSize;
        private int _baseCount;

        public int Failures { get; set; }

        public bool IsFull => _free == 0 || _baseCount == BlockSize - 1;

        public void Occupy(int unit)
        {
            _taken[unit >> 6] |= 1UL << (unit & 63);
            _free--;
        }

        /// <summary>Keeps the root's unit, and the base from which it would be its own child.</summary>
        public void Reserve()
        {
            Occupy(0);
            _usedBases[0] |= 1;
            _baseCount++;
        }

        public bool TryPlace(ReadOnlySpan<byte> children, out int low)
        {
            low = 0;
            if (children.Length > _free || _baseCount == BlockSize - 1)
            {
                return false;
            }

            for (int word = 0; word < 4; word++)
            {
                for (ulong free = ~_taken[word]; free != 0; free &= free - 1)
                {
                    int candidate = ((word << 6) | System.Numerics.BitOperations.TrailingZeroCount(free)) ^ children[0];
                    if (!Has(_usedBases, candidate) && Fits(children, candidate))
                    {
                        foreach (byte label in children)
                        {
                            Occupy(candidate ^ label);
                        }

                        _usedBases[candidate >> 6] |= 1UL << (candidate & 63);
                        _baseCount++;
                        low = candidate;
                        return true;
                    }
                }
            }

            return false;
        }

        public int UnusedBase()
        {
            int index = 0;
            while (Has(_usedBases, index))
            {
                index++;
            }

            return index;
        }

        private bool Fits(ReadOnlySpan<byte> children, int candidate)
        {
            for (int i = 1; i < children.Length; i++)
            {
                if (Has(_taken, candidate ^ children[i]))
                {
                    return false;
                }
            }

            return true;
        }

        private static bool Has(ulong[] bits, int index) => (bits[index >> 6] & (1UL << (index & 63))) != 0;
    }
}
