using System.Text;

namespace Athanor.Generation.Decoding;

/// <summary>
/// Looks for stop strings in a text that arrives in pieces, wherever the borders between the pieces lie. Text that could be the beginning of one is held
/// back until it is certain.
/// </summary>
/// <param name="strings">The stop strings, none empty.</param>
internal sealed class StopStrings(IReadOnlyList<string> strings)
{
    private readonly StringBuilder _held = new();

    /// <summary>Whether one has occurred.</summary>
    public bool Found { get; private set; }

    /// <summary>Takes a piece and gives the text that became certain.</summary>
    public string Append(string piece)
    {
        if (strings.Count == 0)
        {
            return piece;
        }

        if (piece.Length == 0 || Found)
        {
            return "";
        }

        string text = _held.Append(piece).ToString();
        _held.Clear();
        // the one that is complete first counts, so that the answer does not depend on where the text is cut into pieces
        (int End, int Start) first = (int.MaxValue, 0);
        foreach (string stop in strings)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length, at).CompareTo(first) < 0)
            {
                first = (at + stop.Length, at);
            }
        }

        if (first.End < int.MaxValue)
        {
            Found = true;
            return text[..first.Start];
        }

        int held = LongestBeginning(text);
        _held.Append(text, text.Length - held, held);
        return text[..^held];
    }

    /// <summary>Gives what was held back: nothing more comes.</summary>
    public string Flush()
    {
        string text = _held.ToString();
        _held.Clear();
        return text;
    }

    // the longest end of the text that is a proper beginning of a stop string
    private int LongestBeginning(string text)
    {
        int longest = 0;
        foreach (string stop in strings)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
