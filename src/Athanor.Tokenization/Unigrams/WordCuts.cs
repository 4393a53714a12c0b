namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// Places at which every segmentation of a text has a border, because no piece crosses them: its parts may be segmented on their own, and remembered. Such places are before a U+2581
/// that another character stands before (or after one that another stands after), and between two ASCII characters that are neighbours in no piece.
/// </summary>
internal sealed class WordCuts
{
    private const int Ascii = 128;

    private readonly bool _beforeSpace = true;
    private readonly bool _afterSpace = true;
    private readonly bool[] _neighbours = new bool[Ascii * Ascii];

    /// <param name="pieces">All pieces that may stand in a segmentation, in UTF-8.</param>
    public WordCuts(IEnumerable<byte[]> pieces)
    {
        foreach (byte[] bytes in pieces)
        {
            ReadOnlySpan<byte> piece = bytes;
            for (int at = piece.IndexOf(Space); at >= 0;)
            {
                _beforeSpace &= at == 0 || piece[..at].EndsWith(Space);
                at += Space.Length;
                _afterSpace &= at == piece.Length || piece[at..].StartsWith(Space);
                int next = piece[at..].IndexOf(Space);
                at = next < 0 ? -1 : at + next;
            }

            for (int at = 1; at < piece.Length; at++)
            {
                if ((piece[at - 1] | piece[at]) < Ascii)
                {
                    _neighbours[(piece[at - 1] * Ascii) | piece[at]] = true;
                }
            }
        }
    }

    /// <summary>Whether text is cut into words at all.</summary>
    public bool CutsWords => _beforeSpace || _afterSpace;

    private static ReadOnlySpan<byte> Space => "\u2581"u8;

    /// <summary>The length of the first word of a text: up to the next U+2581 or behind it, runs of them kept together.</summary>
    public int WordLength(ReadOnlySpan<byte> text)
    {
        if (!_beforeSpace && !_afterSpace)
        {
            return text.Length;
        }

        int at = _beforeSpace ? SpaceLength(text) : 0;
        int next = text[at..].IndexOf(Space);
        return next < 0 ? text.Length : _beforeSpace ? at + next : next + SpaceLength(text[next..]);
    }

    /// <summary>The length of the first part of a word: up to two ASCII characters that are neighbours in no piece.</summary>
    public int PartLength(ReadOnlySpan<byte> word)
    {
        for (int at = 1; at < word.Length; at++)
        {
            if ((word[at - 1] | word[at]) < Ascii && !_neighbours[(word[at - 1] * Ascii) | word[at]])
            {
                return at;
            }
        }

        return word.Length;
    }

    private static int SpaceLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (text[length..].StartsWith(Space))
        {
            length += Space.Length;
        }

        return length;
    }
}
