using System.Runtime.CompilerServices;

namespace Athanor.Tokenization.Training;

/// <summary>
/// Finds the most frequent pair of neighbours and joins it, again and again. All words stand behind one another in one array: a token of n symbols has its
/// id in its first slot, and -n in its second and in its last, so both neighbours are found in one step and nothing moves. Each pair has a list of the places
/// it was seen at, in rising order; places where it no longer stands are passed over.
/// </summary>
/// <remarks>
/// The steps are those of Hugging Face tokenizers' BPE trainer, two oddities included: overlapping occurrences ("aaa") count each for itself at first, and where
/// two paths lead to one token its pairs may be queued twice. Counts have 64 bits.
/// </remarks>
internal sealed unsafe class PairMerger : IDisposable
{
    private const int Border = SymbolArray.Border;

    private readonly SymbolArray _symbols;
    private readonly LargeArray<uint> _places;
    private readonly PairTable _pairs;
    private readonly PairQueue _queue;
    private readonly int _longest;
    private readonly Neighbours _before = new();
    private readonly Neighbours _after = new();
    private int[] _lengths;
    private uint[] _newPlaces = new uint[1024];
    private int[] _newPairs = new int[1024];
    private int _newCount;
    private long _placesEnd;
    private uint _number;
    private long _firstPlaces;

    /// <param name="symbols">The words; they are worked on in place.</param>
    /// <param name="alphabet">How many symbols there are.</param>
    /// <param name="longest">Pairs that are not shorter than this many symbols are not formed.</param>
    /// <param name="cancellation">Stops the counting.</param>
    public PairMerger(SymbolArray symbols, int alphabet, int longest, CancellationToken cancellation)
    {
        _symbols = symbols;
        WorkingMemory memory = symbols.Memory;
        _longest = longest;
        _lengths = new int[Math.Max(alphabet * 2, 1024)];
        _pairs = new PairTable(memory, 4096);
        CountPairs(cancellation);
        _placesEnd = LayOut();
        _places = new LargeArray<uint>(memory, _placesEnd + (_placesEnd / 2) + 16);
        FillPlaces(cancellation);
        _queue = new PairQueue(memory, _pairs.Count * 2);
        _pairs.ForEach(QueueFirst);
    }

    /// <summary>The next pair to join; null when no pair is left or the best is rarer than asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MergeStep? Next(long leastCount)
    {
        while (_queue.TryPop(out PairQueue.Entry best))
        {
            PairTable.Slot* slot = _pairs.Find(best.Pair);
            if (slot->Count != best.Count)
            {
                // It shrank since it was queued; what is gone for good need not come back
                if (slot->Count > 0)
                {
                    best.Count = slot->Count;
                    _queue.Push(best);
                }

                continue;
            }

            if (best.Count < leastCount)
            {
                return null;
            }

            slot->Lists--;
            return new MergeStep((int)(best.Pair >> 32), (int)(uint)best.Pair, best.Count, best.First, best.Places, slot->Scattered != 0);
        }

        return null;
    }

    /// <summary>Joins a pair wherever it stands.</summary>
    /// <param name="step">What <see cref="Next"/> gave.</param>
    /// <param name="result">The id of the token it becomes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(MergeStep step, int result)
    {
        if (result >= _lengths.Length)
        {
            Array.Resize(ref _lengths, Math.Max(result + 1, _lengths.Length * 2));
        }

        _lengths[result] = Length(step.Left) + Length(step.Right);
        _newCount = 0;
        for (uint index = 0; index < step.Places; index++)
        {
            uint place = _places.Pointer[step.First + index];
            if (!step.Scattered)
            {
                Join(place, step.Left, step.Right, result);
                continue;
            }

            // Other occurrences in this word may stand in another list, yet the whole word is worked on
            int* symbols = _symbols.Slots;
            long at = place;
            while (symbols[at - 1] != Border)
            {
                at--;
            }

            for (; symbols[at] != Border; at++)
            {
                Join((uint)at, step.Left, step.Right, result);
            }
        }

        LayOutNew(result);
        foreach (int left in _before.Lost)
        {
            _pairs.Find(Pair(left, step.Left))->Count -= _before.LostCounts[left];
        }

        foreach (int right in _after.Lost)
        {
            _pairs.Find(Pair(step.Right, right))->Count -= _after.LostCounts[right];
        }

        QueueNew(result);
        _before.Clear();
        _after.Clear();
    }

    public void Dispose()
    {
        _places.Dispose();
        _pairs.Dispose();
        _queue.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Length(int token) => Math.Max(1, _lengths[token]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Join(uint place, int left, int right, int result)
    {
        int* symbols = _symbols.Slots;
        int* at = symbols + place;
        if (*at != left)
        {
            return;
        }

        int* second = at + (at[1] >= 0 || at[1] == Border ? 1 : -at[1]);
        if (*second != right)
        {
            return;
        }

        long count = _symbols.CountAt(place);
        int* end = second + (second[1] >= 0 || second[1] == Border ? 1 : -second[1]);
        int before = at[-1];
        if (before != Border)
        {
            int* previous = at - (before >= 0 ? 1 : -before);
            int token = *previous;
            _before.Lose(token, count);
            if (Length(token) + _lengths[result] < _longest)
            {
                Add(_before.Gain(token, count), (uint)(previous - symbols));
            }
        }

        int length = (int)(end - at);
        *second = -1;
        *at = result;
        at[1] = -length;
        at[length - 1] = -length;
        int after = *end;
        if (after != Border)
        {
            _after.Lose(after, count);
            if (Length(after) + _lengths[result] < _longest)
            {
                // The pair of the token with itself belongs to one list, whichever side it was met from
                Add(after == result ? _before.Gain(after, count) : ~_after.Gain(after, count), place);
            }
        }
    }

    private void Add(int pair, uint place)
    {
        if (_newCount == _newPlaces.Length)
        {
            Array.Resize(ref _newPlaces, _newCount * 2);
            Array.Resize(ref _newPairs, _newCount * 2);
        }

        _newPlaces[_newCount] = place;
        _newPairs[_newCount++] = pair;
    }

    /// <summary>Adds the counts of new pairs and lays their places out, in the order they were met.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LayOutNew(int result)
    {
        _places.Grow(_placesEnd + _newCount);
        for (int index = 0; index < _before.Gained.Count; index++)
        {
            int token = _before.Gained[index];
            Settle(Pair(token, result), _before, token);
        }

        for (int index = 0; index < _after.Gained.Count; index++)
        {
            int token = _after.Gained[index];
            Settle(Pair(result, token), _after, token);
        }

        uint* places = _places.Pointer;
        for (int index = 0; index < _newCount; index++)
        {
            int pair = _newPairs[index];
            Neighbours side = pair < 0 ? _after : _before;
            int token = side.Gained[pair < 0 ? ~pair : pair];
            places[side.Ends[token]++] = _newPlaces[index];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Settle(ulong pair, Neighbours side, int token)
    {
        _pairs.Find(pair)->Count += side.GainedCounts[token];
        side.Ends[token] = _placesEnd;
        _placesEnd += side.GainedPlaces[token];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void QueueNew(int result)
    {
        foreach (int token in _before.Gained)
        {
            QueueNew(Pair(token, result), _before, token);
        }

        foreach (int token in _after.Gained)
        {
            QueueNew(Pair(result, token), _after, token);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void QueueNew(ulong pair, Neighbours side, int token)
    {
        PairTable.Slot* slot = _pairs.Find(pair);
        if (slot->Count > 0)
        {
            Push(slot, side.Ends[token] - side.GainedPlaces[token], (uint)side.GainedPlaces[token]);
        }
    }

    private void Push(PairTable.Slot* slot, long first, uint places)
    {
        if (slot->Lists++ > 0)
        {
            slot->Scattered = 1;
        }

        _queue.Push(new PairQueue.Entry { Count = slot->Count, Pair = slot->Pair, First = first, Places = places, Number = _number++ });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountPairs(CancellationToken cancellation)
    {
        int* symbols = _symbols.Slots;
        for (long at = 1; at < _symbols.Length; at++)
        {
            if ((at & 0xFFFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (symbols[at] >= 0 && symbols[at - 1] >= 0)
            {
                PairTable.Slot* slot = _pairs.Find(Pair(symbols[at - 1], symbols[at]));
                slot->Count += _symbols.CountAt(at);
                slot->Places++;
            }
        }
    }

    /// <summary>Turns the number of places of each pair into where they begin.</summary>
    private long LayOut()
    {
        long end = 0;
        _pairs.ForEach(slot =>
        {
            long places = ((PairTable.Slot*)slot)->Places;
            ((PairTable.Slot*)slot)->Places = end;
            end += places;
        });
        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillPlaces(CancellationToken cancellation)
    {
        int* symbols = _symbols.Slots;
        uint* places = _places.Pointer;
        for (long at = 1; at < _symbols.Length; at++)
        {
            if ((at & 0xFFFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (symbols[at] >= 0 && symbols[at - 1] >= 0)
            {
                places[_pairs.Find(Pair(symbols[at - 1], symbols[at]))->Places++] = (uint)(at - 1);
            }
        }

        _firstPlaces = 0;
    }

    private void QueueFirst(nint pointer)
    {
        // The pairs come in the order they were laid out in, and each ends where the next begins
        PairTable.Slot* slot = (PairTable.Slot*)pointer;
        long first = _firstPlaces;
        _firstPlaces = slot->Places;
        Push(slot, first, (uint)(slot->Places - first));
    }

    /// <summary>What one merge changes on one side, by the token that stands there.</summary>
    private sealed class Neighbours
    {
        public List<int> Lost { get; } = [];

        public List<int> Gained { get; } = [];

        public long[] LostCounts = new long[1024];
        public long[] GainedCounts = new long[1024];
        public int[] GainedPlaces = new int[1024];
        public long[] Ends = new long[1024];
        private bool[] _lost = new bool[1024];
        private int[] _index = new int[1024];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Lose(int token, long count)
        {
            if (token >= _lost.Length)
            {
                Grow(token);
            }

            if (!_lost[token])
            {
                _lost[token] = true;
                LostCounts[token] = 0;
                Lost.Add(token);
            }

            LostCounts[token] += count;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Gain(int token, long count)
        {
            if (token >= _lost.Length)
            {
                Grow(token);
            }

            if (_index[token] == 0)
            {
                Gained.Add(token);
                _index[token] = Gained.Count;
                GainedCounts[token] = 0;
                GainedPlaces[token] = 0;
            }

            GainedCounts[token] += count;
            GainedPlaces[token]++;
            return _index[token] - 1;
        }

        public void Clear()
        {
            foreach (int token in Lost)
            {
                _lost[token] = false;
            }

            foreach (int token in Gained)
            {
                _index[token] = 0;
            }

            Lost.Clear();
            Gained.Clear();
        }

        private void Grow(int token)
        {
            int room = Math.Max(token + 1, _lost.Length * 2);
            Array.Resize(ref LostCounts, room);
            Array.Resize(ref GainedCounts, room);
            Array.Resize(ref GainedPlaces, room);
            Array.Resize(ref Ends, room);
            Array.Resize(ref _lost, room);
            Array.Resize(ref _index, room);
        }
    }
}

/// <summary>A pair that is to be joined.</summary>
/// <param name="Left">The token on the left.</param>
/// <param name="Right">The token on the right.</param>
/// <param name="Count">How often it occurs.</param>
/// <param name="First">Where its list of places begins.</param>
/// <param name="Places">How long that list is.</param>
/// <param name="Scattered">Whether there are further lists of this pair.</param>
internal readonly record struct MergeStep(int Left, int Right, long Count, long First, uint Places, bool Scattered);
