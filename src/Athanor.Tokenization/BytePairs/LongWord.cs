namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Merges a word of any length, of bytes or of other symbols. The places where a rule applies are one list a rule, the rules that have places a heap. A list grows in the order of the places but
/// for few exceptions and is taken as a whole, so the work is nearly linear, and a megabyte without a space is no attack.
/// </summary>
internal sealed class LongWord
{
    private const int NoEntry = -1;
    private const int Merged = -1;

    // What longer words need is not kept
    private const int LongestKept = 1 << 22;

    // What a long word needs is large: a thread keeps it from one to the next
    [ThreadStatic]
    private static LongWord? _free;

    private int[] _parts = [];
    private int[] _next = [];
    private int[] _previous = [];

    // The lists: by rank the first and last entry, by entry the place and the entry behind it. Between words all are empty.
    private int[] _first = [];
    private int[] _last = [];
    private int[] _places = [];
    private int[] _following = [];
    private int _entries;
    private readonly PriorityQueue<int, int> _ranks = new();

    // Rules at work: one that is interrupted by an earlier rule goes on behind it
    private readonly Stack<Run> _runs = new();
    private int[] _order = [];
    private int _ordered;

    /// <summary>Writes the ids of a word and returns their number; <paramref name="ids"/> is at least as long as the word.</summary>
    public static int Encode(MergeTable table, int[] byteIds, ReadOnlySpan<byte> word, Span<int> ids)
    {
        LongWord work = Open(word.Length);
        for (int at = 0; at < word.Length; at++)
        {
            work._parts[at] = byteIds[word[at]];
        }

        work.Start(table, word.Length);
        work.Merge(table, word.Length);
        int count = 0;
        for (int at = 0; at < word.Length; at = work._next[at])
        {
            ids[count++] = work._parts[at];
        }

        _free = word.Length <= LongestKept ? work : null;
        return count;
    }

    /// <summary>Merges the symbols of a word, in place, and returns the number of those that are left.</summary>
    /// <param name="table">The rules.</param>
    /// <param name="symbols">The symbols; −1 for one that no rule is about.</param>
    /// <param name="ends">Where each ends in the word.</param>
    public static int Merge(MergeTable table, Span<int> symbols, Span<int> ends)
    {
        LongWord work = Open(symbols.Length);
        symbols.CopyTo(work._parts);
        work.Start(table, symbols.Length);
        work.Merge(table, symbols.Length);
        int count = 0;
        for (int at = 0; at < symbols.Length; at = work._next[at])
        {
            symbols[count] = work._parts[at];
            ends[count++] = ends[work._next[at] - 1];
        }

        _free = symbols.Length <= LongestKept ? work : null;
        return count;
    }

    private static LongWord Open(int length)
    {
        LongWord work = _free ?? new LongWord();
        _free = null;
        work.Reserve(length);
        return work;
    }

    private void Reserve(int length)
    {
        if (_parts.Length < length)
        {
            int room = (int)Math.Min(Array.MaxLength, Math.Max(length, 2L * _parts.Length));
            _parts = new int[room];
            _next = new int[room];
            _previous = new int[room];
        }
    }

    private void Start(MergeTable table, int length)
    {
        int known = _first.Length;
        if (known < table.Count)
        {
            Array.Resize(ref _first, table.Count);
            Array.Resize(ref _last, table.Count);
            _first.AsSpan(known).Fill(NoEntry);
        }

        for (int at = 0; at < length; at++)
        {
            _next[at] = at + 1;
            _previous[at] = at - 1;
        }

        _entries = 0;
        _ordered = 0;
        for (int at = 0; at + 1 < length; at++)
        {
            Offer(table, at, at + 1);
        }
    }

    private void Merge(MergeTable table, int length)
    {
        while (true)
        {
            int rank = _ranks.TryPeek(out int earliest, out _) ? earliest : MergeTable.None;
            if (_runs.TryPeek(out Run run) && run.Rank < rank)
            {
                _runs.Pop();
            }
            else if (rank == MergeTable.None)
            {
                return;
            }
            else
            {
                run = Take(rank);
            }

            Process(table, length, run);
        }
    }

    // A rule's places in order. Where the rule was at work already, what is left of it goes along.
    private Run Take(int rank)
    {
        _ranks.Dequeue();
        int start = _ordered;
        if (_runs.TryPeek(out Run run) && run.Rank == rank)
        {
            _runs.Pop();
            start = run.At;
        }

        for (int entry = _first[rank]; entry != NoEntry; entry = _following[entry])
        {
            if (_ordered == _order.Length)
            {
                Array.Resize(ref _order, Math.Max(256, 2 * _ordered));
            }

            _order[_ordered++] = _places[entry];
        }

        _first[rank] = NoEntry;
        Span<int> places = _order.AsSpan(start, _ordered - start);
        for (int at = 1; at < places.Length; at++)
        {
            if (places[at] < places[at - 1])
            {
                places.Sort();
                break;
            }
        }

        return new Run(rank, start, _ordered);
    }

    private void Process(MergeTable table, int length, Run run)
    {
        for (int index = run.At; index < run.End; index++)
        {
            int place = _order[index];
            int next = _next[place];
            if (_parts[place] == Merged || next >= length || table.Rank(_parts[place], _parts[next]) != run.Rank)
            {
                continue;
            }

            int after = _next[next];
            _parts[place] = table.Result(run.Rank);
            _parts[next] = Merged;
            _next[place] = after;
            if (_previous[place] >= 0)
            {
                Offer(table, _previous[place], place);
            }

            if (after < length)
            {
                _previous[after] = place;
                Offer(table, place, after);
            }

            if (_ranks.TryPeek(out int earliest, out _) && earliest <= run.Rank)
            {
                _runs.Push(run with { At = index + 1 });
                return;
            }
        }

        // What lies behind this rule's places was taken and finished after it
        _ordered = _runs.TryPeek(out Run outer) ? outer.End : 0;
    }

    private void Offer(MergeTable table, int left, int right)
    {
        int rank = table.Rank(_parts[left], _parts[right]);
        if (rank == MergeTable.None)
        {
            return;
        }

        if (_entries == _places.Length)
        {
            int room = Math.Max(1024, 2 * _entries);
            Array.Resize(ref _places, room);
            Array.Resize(ref _following, room);
        }

        int entry = _entries++;
        _places[entry] = left;
        _following[entry] = NoEntry;
        if (_first[rank] == NoEntry)
        {
            _first[rank] = entry;
            _ranks.Enqueue(rank, rank);
        }
        else
        {
            _following[_last[rank]] = entry;
        }

        _last[rank] = entry;
    }

    /// <summary>A rule at work.</summary>
    /// <param name="Rank">The rule.</param>
    /// <param name="At">The first of its ordered places that is not done.</param>
    /// <param name="End">The end of its ordered places.</param>
    private readonly record struct Run(int Rank, int At, int End);
}
