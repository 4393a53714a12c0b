using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// Joins the symbols of a word of any length. The places where joins of one rank apply are one list, and the ranks that have places a heap. Places nearly always come in their order; the
/// few that do not stand in a heap beside the list. So a megabyte of one letter takes time in proportion to its length.
/// </summary>
internal sealed class LongWordMerger
{
    // What longer words need is not kept.
    private const int LongestKept = 1 << 22;

    [ThreadStatic]
    private static LongWordMerger? _kept;

    private readonly PriorityQueue<int, int> _ranks = new();
    private readonly Stack<Places> _unused = [];
    private Places?[] _places = [];
    private int[] _ids = [];
    private int[] _ends = [];
    private int[] _next = [];
    private int[] _previous = [];

    /// <summary>Appends the pieces of a word.</summary>
    /// <param name="rules">What is joined.</param>
    /// <param name="word">UTF-8, not empty.</param>
    /// <param name="result">Where the pieces go.</param>
    /// <param name="offset">Where the word begins.</param>
    public static void Segment(JoinRules rules, ReadOnlySpan<byte> word, Segmentation result, int offset)
    {
        LongWordMerger merger = _kept ?? new();
        _kept = null;
        merger.Start(rules, word);
        merger.Join(rules);
        int start = 0;
        for (int at = 0; at >= 0; at = merger._next[at])
        {
            int end = merger._ends[at];
            result.Add(rules.Written(merger._ids[at], word[start..end]), offset + end);
            start = end;
        }

        _kept = word.Length <= LongestKept ? merger : null;
    }

    private void Start(JoinRules rules, ReadOnlySpan<byte> word)
    {
        if (_ids.Length < word.Length)
        {
            int room = Math.Max(word.Length, 1024);
            _ids = new int[room];
            _ends = new int[room];
            _next = new int[room];
            _previous = new int[room];
        }

        if (_places.Length < rules.RankCount)
        {
            _places = new Places?[rules.RankCount];
        }

        int count = 0;
        for (int at = 0; at < word.Length; count++)
        {
            _ids[count] = rules.NextSymbol(word, ref at);
            _ends[count] = at;
            _next[count] = count + 1;
            _previous[count] = count - 1;
        }

        _next[count - 1] = -1;
        for (int at = 0; at < count - 1; at++)
        {
            Offer(rules, at, at + 1);
        }
    }

    private void Join(JoinRules rules)
    {
        while (_ranks.TryPeek(out int rank, out _))
        {
            Places places = _places[rank]!;
            if (!places.TryTake(out int left))
            {
                _ranks.Dequeue();
                _places[rank] = null;
                _unused.Push(places);
                continue;
            }

            // What stood here may have been joined otherwise meanwhile: then its end is not a symbol's any more, or other symbols stand here.
            int right = _ends[left] < 0 ? -1 : _next[left];
            int joined = right < 0 ? -1 : rules.Join(_ids[left], _ids[right]);
            if (joined < 0 || rules.RankOf(joined) != rank)
            {
                continue;
            }

            _ids[left] = joined;
            _ends[left] = _ends[right];
            _ends[right] = -1;
            int after = _next[right];
            _next[left] = after;
            if (_previous[left] >= 0)
            {
                Offer(rules, _previous[left], left);
            }

            if (after >= 0)
            {
                _previous[after] = left;
                Offer(rules, left, after);
            }
        }
    }

    private void Offer(JoinRules rules, int left, int right)
    {
        int joined = rules.Join(_ids[left], _ids[right]);
        if (joined < 0)
        {
            return;
        }

        int rank = rules.RankOf(joined);
        Places? places = _places[rank];
        if (places is null)
        {
            places = _unused.TryPop(out Places? free) ? free : new Places();
            _places[rank] = places;
            _ranks.Enqueue(rank, rank);
        }

        places.Add(left);
    }

    /// <summary>The places of a rank, given out in their order.</summary>
    private sealed class Places
    {
        private readonly List<int> _list = [];
        private readonly PriorityQueue<int, int> _late = new();
        private int _taken;

        public void Add(int place)
        {
            if (_list.Count == 0 || place >= _list[^1])
            {
                _list.Add(place);
            }
            else
            {
                _late.Enqueue(place, place);
            }
        }

        public bool TryTake(out int place)
        {
            if (_late.TryPeek(out int late, out _) && (_taken == _list.Count || late < _list[_taken]))
            {
                place = _late.Dequeue();
                return true;
            }

            if (_taken < _list.Count)
            {
                place = _list[_taken++];
                return true;
            }

            place = -1;
            _list.Clear();
            _taken = 0;
            return false;
        }
    }
}
