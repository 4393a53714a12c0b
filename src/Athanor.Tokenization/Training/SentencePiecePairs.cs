using System.Text;

namespace Athanor.Tokenization.Training;

/// <summary>
/// SentencePiece's way of learning byte pairs (0.1.97). It differs from other trainers: a pair must be an allowed piece; among equally frequent pairs the
/// shorter goes first, then the smaller text; each hundred pieces the most frequent twentieth (at least a thousand) of all pairs is chosen, and only those and newer ones
/// are looked at; a piece found on a second path is not merged there; of overlapping pairs of one symbol the second is forgotten for good.
/// </summary>
internal sealed unsafe class SentencePiecePairs : IDisposable
{
    private const int Interval = 100;
    private const int LeastActive = 1000;
    private const float ActiveShare = 0.05f;
    private const int Border = SymbolArray.Border;

    private readonly PieceRules _rules;
    private readonly SymbolArray _symbols;
    private readonly List<int[]> _texts = [];
    private readonly int _unknown = -1;
    private readonly Dictionary<ulong, Pair?> _pairs = [];
    private readonly HashSet<ulong> _erased = [];
    private readonly List<Pair> _stale = [];
    private readonly int _characters;
    private PriorityQueue<Pair, (long Frequency, Pair Pair)> _queue = new(Order);

    /// <param name="words">The words or sentences.</param>
    /// <param name="required">The characters that are kept; the rest is unknown.</param>
    /// <param name="rules">What may be a piece.</param>
    public SentencePiecePairs(WordList words, IReadOnlyDictionary<int, long> required, PieceRules rules)
    {
        _rules = rules;
        _symbols = new SymbolArray(words);
        Dictionary<int, int> ids = [];
        for (long word = 0; word < words.Count; word++)
        {
            foreach (int character in new CodePoints(words[word]))
            {
                int kept = required.ContainsKey(character) ? character : PieceRules.Unknown;
                if (!ids.TryGetValue(kept, out int id))
                {
                    id = ids.Count;
                    ids.Add(kept, id);
                    _texts.Add([kept]);
                    _unknown = kept == PieceRules.Unknown ? id : _unknown;
                }

                _symbols.Add(id);
            }

            _symbols.End(words.CountOf(word));
        }

        _characters = ids.Count;
        for (long at = 1; at < _symbols.Length; at++)
        {
            if (_symbols.Slots[at] >= 0 && _symbols.Slots[at - 1] >= 0)
            {
                AddPlace((uint)(at - 1), _symbols.Slots[at - 1], _symbols.Slots[at]);
            }
        }
    }

    private static Comparer<(long Frequency, Pair Pair)> Order { get; } = Comparer<(long Frequency, Pair Pair)>.Create((first, second) =>
        first.Frequency != second.Frequency ? second.Frequency.CompareTo(first.Frequency) : Pair.Compare(first.Pair, second.Pair));

    /// <summary>Learns pieces in order.</summary>
    /// <param name="size">How many.</param>
    /// <param name="progress">Told how many there are.</param>
    /// <param name="cancellation">Stops.</param>
    public IEnumerable<byte[]> Learn(int size, Action<string, long, long>? progress, CancellationToken cancellation)
    {
        HashSet<string> known = [];
        int count = 0;
        while (count < size)
        {
            if (count % Interval == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Invoke("learning pieces", count, count);
                ChooseActive();
            }

            if (Best() is not Pair best)
            {
                yield break;
            }

            string text = TextOf(best.Characters);
            if (known.Add(text))
            {
                count++;
                Merge(best);
                yield return Encoding.UTF8.GetBytes(text);
            }

            Erase(best);
        }
    }

    public void Dispose() => _symbols.Dispose();

    private static ulong KeyOf(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private static string TextOf(int[] characters)
    {
        StringBuilder text = new();
        foreach (int character in characters)
        {
            text.Append(new Rune(character).ToString());
        }

        return text.ToString();
    }

    private void Erase(Pair pair)
    {
        pair.Gone = true;
        _pairs.Remove(pair.Key);
        _erased.Add(pair.Key);
    }

    /// <summary>The pair of two symbols, made where it is new; null where it may not be a piece.</summary>
    private Pair? Find(int left, int right)
    {
        if (left == _unknown || right == _unknown)
        {
            return null;
        }

        ulong key = KeyOf(left, right);
        if (_pairs.TryGetValue(key, out Pair? pair))
        {
            return pair;
        }

        int[] first = _texts[left];
        int[] second = _texts[right];
        if (first.Length + second.Length <= _rules.Longest)
        {
            int[] characters = [.. first, .. second];
            if (_rules.Allow(characters))
            {
                // What was taken off before comes back without its old places, so only counting tells its frequency
                pair = new Pair(key, left, right, characters, counted: left == right || _erased.Contains(key));
            }
        }

        _pairs.Add(key, pair);
        return pair;
    }

    private void AddPlace(uint place, int left, int right)
    {
        if (Find(left, right) is Pair pair)
        {
            pair.Add(place);
            if (!pair.Counted)
            {
                pair.Frequency += _symbols.CountAt(place);
            }
            else
            {
                MarkStale(pair);
            }

            if (!pair.Active)
            {
                pair.Active = true;
                MarkStale(pair);
            }
        }
    }

    private void MarkStale(Pair pair)
    {
        if (!pair.Stale)
        {
            pair.Stale = true;
            _stale.Add(pair);
        }
    }

    private void Lose(uint place, int left, int right, Pair best)
    {
        if (Find(left, right) is Pair pair && !ReferenceEquals(pair, best))
        {
            if (pair.Counted)
            {
                MarkStale(pair);
            }
            else
            {
                pair.Frequency -= _symbols.CountAt(place);
            }
        }
    }

    /// <summary>Brings what changed up to date: new pairs are queued, counted ones counted anew.</summary>
    private void Refresh(bool all)
    {
        int kept = 0;
        for (int at = 0; at < _stale.Count; at++)
        {
            Pair pair = _stale[at];
            if (pair.Gone)
            {
                continue;
            }

            // Pairs that are not looked at are counted when the next are chosen
            if (!pair.Active && !all)
            {
                _stale[kept++] = pair;
                continue;
            }

            pair.Stale = false;
            if (pair.Counted)
            {
                Count(pair);
            }

            if (pair.Active)
            {
                _queue.Enqueue(pair, (pair.Frequency, pair));
            }
        }

        _stale.RemoveRange(kept, _stale.Count - kept);
    }

    private void Count(Pair pair)
    {
        pair.Frequency = 0;
        long overlap = -1;
        int kept = 0;
        for (int at = 0; at < pair.PlaceCount; at++)
        {
            uint place = pair.Places[at];
            long next = NextOf(place);
            if (next < 0 || _symbols.Slots[place] != pair.Left || _symbols.Slots[next] != pair.Right || place == overlap)
            {
                overlap = -1;
                continue;
            }

            pair.Frequency += _symbols.CountAt(place);
            overlap = next;
            pair.Places[kept++] = place;
        }

        pair.PlaceCount = kept;
    }

    private void ChooseActive()
    {
        Refresh(all: true);
        List<Pair> pairs = [];
        foreach (Pair? pair in _pairs.Values)
        {
            if (pair is not null)
            {
                pair.Active = false;
                pairs.Add(pair);
            }
        }

        int size = Math.Min(Math.Max(LeastActive, (int)((pairs.Count + _characters) * ActiveShare)), pairs.Count);
        _queue = new PriorityQueue<Pair, (long Frequency, Pair Pair)>(Order);
        if (size == 0)
        {
            return;
        }

        long[] frequencies = [.. pairs.Select(pair => pair.Frequency)];
        Array.Sort(frequencies);
        long threshold = frequencies[^size];
        IEnumerable<Pair> above = pairs.Where(pair => pair.Frequency > threshold);
        IEnumerable<Pair> equal = pairs.Where(pair => pair.Frequency == threshold).Order(Comparer<Pair>.Create(Pair.Compare));
        foreach (Pair pair in above.Concat(equal).Take(size))
        {
            pair.Active = true;
            _queue.Enqueue(pair, (pair.Frequency, pair));
        }
    }

    private Pair? Best()
    {
        Refresh(all: false);
        while (_queue.TryDequeue(out Pair? pair, out (long Frequency, Pair Pair) queued))
        {
            if (pair.Gone || !pair.Active)
            {
                continue;
            }

            if (queued.Frequency != pair.Frequency)
            {
                _queue.Enqueue(pair, (pair.Frequency, pair));
                continue;
            }

            return pair;
        }

        return null;
    }

    private void Merge(Pair best)
    {
        int result = _texts.Count;
        _texts.Add(best.Characters);
        int* slots = _symbols.Slots;
        for (int at = 0; at < best.PlaceCount; at++)
        {
            uint place = best.Places[at];
            long second = NextOf(place);
            if (second < 0 || slots[place] != best.Left || slots[second] != best.Right)
            {
                continue;
            }

            long next = NextOf(second);
            long previous = PreviousOf(place);
            if (previous >= 0)
            {
                Lose((uint)previous, slots[previous], best.Left, best);
            }

            if (next >= 0)
            {
                Lose((uint)second, best.Right, slots[next], best);
            }

            long end = second + LengthAt(second);
            slots[second] = -1;
            slots[place] = result;
            slots[place + 1] = -(int)(end - place);
            slots[end - 1] = -(int)(end - place);
            if (previous >= 0)
            {
                AddPlace((uint)previous, slots[previous], result);
            }

            if (next >= 0)
            {
                AddPlace(place, result, slots[next]);
            }
        }
    }

    private int LengthAt(long place)
    {
        int next = _symbols.Slots[place + 1];
        return next >= 0 || next == Border ? 1 : -next;
    }

    /// <summary>Where the symbol behind stands; negative at the end of a word, or where no symbol begins.</summary>
    private long NextOf(long place)
    {
        if (_symbols.Slots[place] < 0)
        {
            return -1;
        }

        long next = place + LengthAt(place);
        return _symbols.Slots[next] == Border ? -1 : next;
    }

    private long PreviousOf(long place)
    {
        int before = _symbols.Slots[place - 1];
        return before == Border ? -1 : before >= 0 ? place - 1 : place + before;
    }

    /// <summary>Two symbols that stand side by side somewhere.</summary>
    private sealed class Pair(ulong key, int left, int right, int[] characters, bool counted)
    {
        public ulong Key { get; } = key;

        public int Left { get; } = left;

        public int Right { get; } = right;

        public int[] Characters { get; } = characters;

        /// <summary>Whether its frequency is found by counting its places, as overlaps and gaps must be seen.</summary>
        public bool Counted { get; } = counted;

        public long Frequency { get; set; }

        public bool Active { get; set; }

        public bool Stale { get; set; }

        public bool Gone { get; set; }

        /// <summary>Where its left symbol stands, in rising order.</summary>
        public uint[] Places { get; private set; } = new uint[2];

        public int PlaceCount { get; set; }

        /// <summary>Shorter first, then the smaller text. UTF-8 orders texts as their code points do.</summary>
        public static int Compare(Pair first, Pair second) => first.Characters.Length != second.Characters.Length
            ? first.Characters.Length.CompareTo(second.Characters.Length)
            : first.Characters.AsSpan().SequenceCompareTo(second.Characters);

        public void Add(uint place)
        {
            if (PlaceCount == Places.Length)
            {
                uint[] places = Places;
                Array.Resize(ref places, PlaceCount * 2);
                Places = places;
            }

            Places[PlaceCount++] = place;
        }
    }
}
