namespace Athanor.Evaluation.Provenance;

/// <summary>
/// Finds, byte by byte, the longest piece of a passage that ends where one reads: the suffix automaton of the passage (Blumer et al. 1985, "The smallest automaton
/// recognizing the subwords of a text"), which reads a text in time proportional to its length whatever the passage is.
/// </summary>
internal sealed class PassageAutomaton
{
    private const int Letters = 256;

    private readonly List<int[]> _next = [NewState()];
    private readonly List<int> _link = [-1];
    private readonly List<int> _longest = [0];
    private int _state;

    public PassageAutomaton(ReadOnlySpan<byte> passage)
    {
        int last = 0;
        foreach (byte letter in passage)
        {
            last = Append(last, letter);
        }
    }

    /// <summary>How many bytes that end here are a piece of the passage.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets what was read.</summary>
    public void Reset() => (_state, Length) = (0, 0);

    /// <summary>Reads a byte.</summary>
    public void Read(byte letter)
    {
        while (_next[_state][letter] < 0 && _state != 0)
        {
            _state = _link[_state];
            Length = _longest[_state];
        }

        if (_next[_state][letter] is >= 0 and int next)
        {
            _state = next;
            Length++;
        }
    }

    private int Append(int last, byte letter)
    {
        int added = Add(NewState(), _longest[last] + 1, 0);
        int at = last;
        while (at >= 0 && _next[at][letter] < 0)
        {
            _next[at][letter] = added;
            at = _link[at];
        }

        if (at < 0)
        {
            return added;
        }

        int next = _next[at][letter];
        if (_longest[at] + 1 == _longest[next])
        {
            _link[added] = next;
            return added;
        }

        int copy = Add([.. _next[next]], _longest[at] + 1, _link[next]);
        while (at >= 0 && _next[at][letter] == next)
        {
            _next[at][letter] = copy;
            at = _link[at];
        }

        _link[next] = _link[added] = copy;
        return added;
    }

    private int Add(int[] next, int longest, int link)
    {
        _next.Add(next);
        _longest.Add(longest);
        _link.Add(link);
        return _next.Count - 1;
    }

    private static int[] NewState()
    {
        int[] next = new int[Letters];
        Array.Fill(next, -1);
        return next;
    }
}
