using System.Runtime.CompilerServices;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// Finds which pieces of a vocabulary a text continues with, byte by byte over UTF-8. One load a byte: a unit holds the label to be checked, where its children are, and the
/// number of the piece that ends there.
/// </summary>
internal sealed class PieceTrie
{
    /// <summary>The state before the first byte.</summary>
    public const int Root = 0;

    private const int LabelBits = 9;
    private const int BaseBits = 27;
    private const ulong Used = 0x100;

    private readonly ulong[] _units;

    /// <param name="pieces">The pieces; the number of a piece is its index, of equal ones the last one's. Empty ones are left out.</param>
    /// <exception cref="InvalidOperationException">The pieces need more than 2²⁷ units.</exception>
    public PieceTrie(IReadOnlyList<byte[]> pieces)
        : this(pieces, [.. Enumerable.Range(0, pieces.Count)])
    {
    }

    /// <param name="pieces">The pieces.</param>
    /// <param name="numbers">The number of each, from 0 to 2²⁸ − 2.</param>
    /// <exception cref="InvalidOperationException">The pieces need more than 2²⁷ units.</exception>
    public PieceTrie(IReadOnlyList<byte[]> pieces, int[] numbers)
    {
        int[] starts = new int[pieces.Count + 1];
        for (int i = 0; i < pieces.Count; i++)
        {
            starts[i + 1] = checked(starts[i] + pieces[i].Length);
            LongestPiece = Math.Max(LongestPiece, pieces[i].Length);
        }

        byte[] bytes = new byte[starts[^1]];
        for (int i = 0; i < pieces.Count; i++)
        {
            pieces[i].CopyTo(bytes, starts[i]);
        }

        TrieLayout layout = TrieLayout.Build(bytes, starts, numbers);
        if (layout.Count > 1 << BaseBits)
        {
            throw new InvalidOperationException("the pieces need more units than a trie holds");
        }

        _units = new ulong[layout.Count];
        ReadOnlySpan<int> bases = layout.Bases;
        ReadOnlySpan<short> labels = layout.Labels;
        ReadOnlySpan<int> values = layout.Values;
        for (int i = 0; i < _units.Length; i++)
        {
            if (labels[i] >= 0)
            {
                // A node without children gets a base whose children's labels cannot match: its own block's unused one.
                int children = bases[i] >= 0 ? bases[i] : layout.UnusedBaseOf(i >> 8);
                _units[i] = (uint)labels[i] | Used | ((ulong)(uint)children << LabelBits) | ((ulong)(uint)(values[i] + 1) << (LabelBits + BaseBits));
            }
        }
    }

    /// <summary>The length of the longest piece in bytes.</summary>
    public int LongestPiece { get; }

    /// <summary>Follows one byte.</summary>
    /// <param name="state">The state so far (<see cref="Root"/> at first); the next one afterwards.</param>
    /// <param name="value">The byte.</param>
    /// <param name="piece">The number of the piece that ends here, or −1.</param>
    /// <returns>Whether some piece begins with the bytes so far.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryStep(ref int state, byte value, out int piece)
    {
        int next = (int)((_units[state] >> LabelBits) & ((1UL << BaseBits) - 1)) ^ value;
        ulong unit = _units[next];
        state = next;
        piece = (int)(unit >> (LabelBits + BaseBits)) - 1;
        return (unit & 0x1FF) == (value | Used);
    }

    /// <summary>The number of a piece, or −1.</summary>
    public int Find(ReadOnlySpan<byte> piece)
    {
        int state = Root;
        int found = -1;
        foreach (byte value in piece)
        {
            if (!TryStep(ref state, value, out found))
            {
                return -1;
            }
        }

        return found;
    }

    /// <summary>The length of the longest piece a text begins with, 0 if it begins with none.</summary>
    public int LongestPrefix(ReadOnlySpan<byte> text) => LongestPrefix(text, out _);

    /// <summary>The length of the longest piece a text begins with, 0 if it begins with none, and its number, or −1.</summary>
    public int LongestPrefix(ReadOnlySpan<byte> text, out int number)
    {
        int state = Root;
        int longest = 0;
        number = -1;
        for (int i = 0; i < text.Length && TryStep(ref state, text[i], out int piece); i++)
        {
            if (piece >= 0)
            {
                longest = i + 1;
                number = piece;
            }
        }

        return longest;
    }
}
