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
    private readonly SubstringWeights? _weights;

    private FrequentSubstrings(int[] text, int longest, SubstringWeights? weights)
    {
        _text = text;
        _depth = longest + 1;
        _suffixes = new int[text.Length];
        _weights = weights;
    }

    /// <summary>Finds them in the order in which a suffix tree is left behind, children before parents.</summary>
    /// <param name="text">Code points; every sentence ends with <see cref="Boundary"/>.</param>
    /// <param name="longest">The most code points of a substring.</param>
    /// <param name="threads">How many threads sort.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="weights">How often each sentence counts; null: once.</param>
    public static List<Substring> Find(int[] text, int longest, int threads, CancellationToken cancellation, SubstringWeights? weights = null)
    {
        FrequentSubstrings search = new(text, longest, weights);
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
            if (_text[first + length] == Boundary)
            {
                // Beyond a boundary all is alike, and such a node is no piece; or each end is an end of its own
                return _weights is { EndsCount: true } ? length : _depth;
            }

            length++;
        }

        return length;
    }

    private List<Substring> Walk()
    {
        List<Substring> found = [];
        Stack<(long Before, int Length)> open = new();
        long total = 0;
        int previous = 0;
        for (int at = 0; at <= _suffixes.Length; at++)
        {
            int common = at == 0 || at == _suffixes.Length ? 0 : Common(_suffixes[at - 1], _suffixes[at]);
            long before = at == 0 ? 0 : total - WeightOf(at - 1);
            if (at > 0 && _weights is { EndsCount: true })
            {
                AddWhole(_suffixes[at - 1], total - before, Math.Max(common, previous), found);
            }

            while (open.TryPeek(out (long Before, int Length) top) && top.Length > common)
            {
                open.Pop();
                before = top.Before;
                if (top.Length > 1 && top.Length < _depth)
                {
                    found.Add(new Substring(_suffixes[at - 1], top.Length, total - before));
                }
            }

            if (common > 0 && (!open.TryPeek(out (long Before, int Length) outer) || outer.Length < common))
            {
                open.Push((before, common));
            }

            previous = common;
            total += at == _suffixes.Length ? 0 : WeightOf(at);
        }

        return found;
    }

    /// <summary>Adds the rest of a word from a place on, where it is no inner node and its word occurs more than once.</summary>
    private void AddWhole(int start, long count, int common, List<Substring> found)
    {
        int length = 0;
        while (length < _depth && _text[start + length] != Boundary)
        {
            length++;
        }

        if (length > 1 && length < _depth && length > common && count > 1)
        {
            found.Add(new Substring(start, length, count));
        }
    }

    private long WeightOf(int index) => _weights?.Of(_suffixes[index]) ?? 1;
}

/// <summary>A substring of a text.</summary>
/// <param name="Start">Where it occurs once.</param>
/// <param name="Length">Its length.</param>
/// <param name="Count">How often it occurs.</param>
internal readonly record struct Substring(int Start, int Length, long Count)
{
    /// <summary>How many characters of the text it covers, which is the score of a seed.</summary>
    public long Coverage => Length * Count;
}

/// <summary>How often the sentences of a text count.</summary>
/// <param name="Starts">Where each begins.</param>
/// <param name="Counts">How often each counts.</param>
/// <param name="EndsCount">Whether the end of each is an end of its own, so that a string may end there without being cut elsewhere.</param>
internal sealed record SubstringWeights(int[] Starts, long[] Counts, bool EndsCount)
{
    /// <summary>How often the sentence at a place counts.</summary>
    public long Of(int place)
    {
        int index = Array.BinarySearch(Starts, place);
        return Counts[index >= 0 ? index : ~index - 1];
    }
}
