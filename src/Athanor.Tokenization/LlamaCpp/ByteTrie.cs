namespace Athanor.Tokenization.LlamaCpp;

/// <summary>A trie over bytes: which strings of a set a text begins with.</summary>
internal sealed class ByteTrie
{
    // A node's children by (node, byte); nodes are numbered from 1, the root is 0
    private readonly Dictionary<long, int> _children = [];
    private readonly List<int> _values = [-1];

    /// <summary>Adds a string; where it is there already the new value counts.</summary>
    public void Add(ReadOnlySpan<byte> text, int value)
    {
        int node = 0;
        foreach (byte letter in text)
        {
            if (!_children.TryGetValue(Key(node, letter), out int child))
            {
                child = _values.Count;
                _values.Add(-1);
                _children.Add(Key(node, letter), child);
            }

            node = child;
        }

        _values[node] = value;
    }

    /// <summary>The root.</summary>
    public static int Root => 0;

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _children.Count == 0;

    /// <summary>The node one letter further, or -1.</summary>
    public int Next(int node, byte letter) => _children.TryGetValue(Key(node, letter), out int child) ? child : -1;

    /// <summary>The value of the string that ends at a node, or -1.</summary>
    public int ValueAt(int node) => _values[node];

    private static long Key(int node, byte letter) => ((long)node << 8) | letter;
}
