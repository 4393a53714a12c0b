namespace Athanor.Tokenization.Training;

/// <summary>
/// Finds the substrings of a text that occur more than once and cannot be lengthened to the right without losing an occurrence: the inner nodes of its
/// suffix tree (Abouelhoda et al. 2004), as far down as a piece may be long. Suffixes are sorted by three-way radix quicksort (Bentley and Sedgewick 1997) no
/// deeper than that, which needs no linear-time suffix array and cannot be slow on repetitive text.
/// </summary>
internal sealed class FrequentSubstrings
{
    /// <summary>What stands between two sentences; no substring crosses it.</summary>
    public const int Boundary = 0;

    private readonly int[] _text;
    private readonly int _depth;
    private readonly int[] _suffixes;

    private FrequentSubstrings(int[] text, int longest)
    {
        _text = text;
        _depth = longest + 1;
        _suffixes = new int[text.Length];
    }

    /// <summary>Finds them in the order in which a suffix tree is left behind, children before parents.</summary>
    /// <param name="text">Code points; every sentence ends with <see cref="Boundary"/>.</param>
    /// <param name="longest">The most code points of a substring.</param>
    /// <param name="threads">How many threads sort.</param>
    /// <param name="cancellation">Stops.</param>
    public static List<Substring> Find(int[] text, int longest, int threads, CancellationToken cancellation)
    {
        FrequentSubstrings search = new(text, longest);
        search.Sort(threads, cancellation);
        return search.Walk();
    }

    /// <summary>First by the first code point, each of these groups for itself.</summary>
    private void Sort(int threads, CancellationToken cancellation)
    {
        Dictionary<int, int> counts = [];
        foreach (int character in _text)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _)++;
        }

        int[] characters = [.. counts.Keys.Order()];
        Dictionary<int, int> ends = [];
        List<(int From, int To)> groups = [];
        int end = 0;
        foreach (int character in characters)
        {
            ends.Add(character, end);
            if (character != Boundary)
            {
                groups.Add((end, end + counts[character]));
            }

            end += counts[character];
        }

        for (int at = 0; at < _text.Length; at++)
        {
            _suffixes[System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(ends, _text[at], out _)++] = at;
        }

        groups.Sort((first, second) => (second.To - second.From).CompareTo(first.To - first.From));
        Parallel.ForEach(groups, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, group => Sort(group.From, group.To, 1));
    }

    private void Sort(int from, int to, int depth)
    {
        while (to - from > 1 && depth < _depth)
        {
            int pivot = Pivot(from, to, depth);
            int less = from;
            int more = to;
            for (int at = from; at < more;)
            {
                int character = _text[_suffixes[at] + depth];
                if (character < pivot)
                {
                    (_suffixes[less], _suffixes[at]) = (_suffixes[at], _suffixes[less]);
                    less++;
                    at++;
                }
                else if (character > pivot)
                {
                    more--;
                    (_suffixes[more], _suffixes[at]) = (_suffixes[at], _suffixes[more]);
                }
                else
                {
                    at++;
                }
            }

            Sort(from, less, depth);
            if (pivot != Boundary)
            {
                Sort(less, more, depth + 1);
            }

            from = more;
        }
    }

    private int Pivot(int from, int to, int depth)
    {
        int first = _text[_suffixes[from] + depth];
        int middle = _text[_suffixes[from + ((to - from) / 2)] + depth];
        int last = _text[_suffixes[to - 1] + depth];
        return Math.Max(Math.Min(first, middle), Math.Min(Math.Max(first, middle), last));
    }

    private int Common(int first, int second)
    {
        int length = 0;
        while (length < _depth && _text[first + length] == _text[second + length])
        {
            if (_text[first + length++] == Boundary)
            {
                // Beyond a boundary everything counts as alike: such a node is no piece
                return _depth;
            }
        }

        return length;
    }

    private List<Substring> Walk()
    {
        List<Substring> found = [];
        Stack<(int From, int Length)> open = new();
        for (int at = 1; at <= _suffixes.Length; at++)
        {
            int common = at == _suffixes.Length ? 0 : Common(_suffixes[at - 1], _suffixes[at]);
            int from = at - 1;
            while (open.TryPeek(out (int From, int Length) top) && top.Length > common)
            {
                open.Pop();
                from = top.From;
                if (top.Length > 1 && top.Length < _depth)
                {
                    found.Add(new Substring(_suffixes[from], top.Length, at - from));
                }
            }

            if (common > 0 && (!open.TryPeek(out (int From, int Length) outer) || outer.Length < common))
            {
                open.Push((from, common));
            }
        }

        return found;
    }
}

/// <summary>A substring of a text.</summary>
/// <param name="Start">Where it occurs once.</param>
/// <param name="Length">Its length.</param>
/// <param name="Count">How often it occurs.</param>
internal readonly record struct Substring(int Start, int Length, int Count)
{
    /// <summary>How many characters of the text it covers, which is the score of a seed.</summary>
    public long Coverage => (long)Length * Count;
}
