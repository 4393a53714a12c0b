using System.Buffers;
using System.Numerics;
using System.Text;

namespace Athanor.Tokenization.Pipeline;

/// <summary>
/// The tokens of a model and their ids, each way. Tokens are kept as UTF-8 in one array, so that a large vocabulary is read without a string a token; strings are made when
/// somebody asks. Ids may have gaps; memory depends on how many tokens there are, not on how large an id is.
/// </summary>
internal sealed class TokenVocabulary
{
    private const int Free = -1;

    private byte[] _bytes = [];
    private int _byteCount;
    private int[] _ends = new int[16];
    private int[] _ids = new int[16];
    private int[] _slots = NewSlots(32);

    // The entry of an id: a list while ids are dense, as they nearly always are; a dictionary for the others
    private readonly List<int> _entryOfId = [];
    private readonly Dictionary<int, int> _entryOfLargeId = [];
    private string?[] _texts = [];

    /// <summary>How many tokens there are.</summary>
    public int Count { get; private set; }

    /// <summary>The largest id and one more.</summary>
    public int IdLimit { get; private set; }

    /// <summary>Takes tokens in the order of their ids.</summary>
    public static TokenVocabulary From(IEnumerable<string> tokens)
    {
        TokenVocabulary vocabulary = new();
        foreach (string token in tokens)
        {
            vocabulary.Add(Encoding.UTF8.GetBytes(token), vocabulary.Count);
        }

        return vocabulary;
    }

    /// <summary>Makes room, so that adding many tokens copies nothing. What a file says of itself must not come here.</summary>
    public void Reserve(int tokens, int bytes)
    {
        Array.Resize(ref _ends, Math.Max(_ends.Length, tokens));
        Array.Resize(ref _ids, Math.Max(_ids.Length, tokens));
        Array.Resize(ref _bytes, Math.Max(_bytes.Length, bytes));
        if (tokens * 2 > _slots.Length)
        {
            Rehash((int)BitOperations.RoundUpToPowerOf2((uint)tokens * 2));
        }
    }

    /// <summary>Adds a token. Says what stands in the way if it cannot: the token is there already, or its id is taken.</summary>
    public AddResult Add(ReadOnlySpan<byte> token, int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        int slot = SlotOf(token);
        if (_slots[slot] != Free)
        {
            return AddResult.TokenIsThere;
        }

        if (EntryOf(id) >= 0)
        {
            return AddResult.IdIsTaken;
        }

        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
            Array.Resize(ref _ids, Count * 2);
        }

        if (_byteCount + token.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_byteCount + token.Length, _bytes.Length * 2));
        }

        token.CopyTo(_bytes.AsSpan(_byteCount));
        _byteCount += token.Length;
        _ends[Count] = _byteCount;
        _ids[Count] = id;
        _slots[slot] = Count;
        Enter(id, Count);
        Count++;
        IdLimit = Math.Max(IdLimit, id + 1);
        if (Count * 2 > _slots.Length)
        {
            Rehash(_slots.Length * 2);
        }

        return AddResult.Added;
    }

    /// <summary>Gives a token another id, or adds it: in lists of lines the last of two equal ones counts.</summary>
    public void Set(ReadOnlySpan<byte> token, int id)
    {
        int entry = _slots[SlotOf(token)];
        if (entry == Free)
        {
            Add(token, id);
            return;
        }

        int old = _ids[entry];
        if (old < _entryOfId.Count)
        {
            _entryOfId[old] = Free;
        }
        else
        {
            _entryOfLargeId.Remove(old);
        }

        _ids[entry] = id;
        Enter(id, entry);
        IdLimit = Math.Max(IdLimit, id + 1);
    }

    /// <summary>The id of a token in UTF-8.</summary>
    public bool TryGetId(ReadOnlySpan<byte> token, out int id)
    {
        int entry = _slots[SlotOf(token)];
        id = entry == Free ? -1 : _ids[entry];
        return entry != Free;
    }

    /// <summary>The id of a token.</summary>
    public bool TryGetId(ReadOnlySpan<char> token, out int id)
    {
        byte[]? rented = null;
        Span<byte> bytes = token.Length <= 128 ? stackalloc byte[384] : (rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(token.Length)));
        bool found = TryGetId(bytes[..Encoding.UTF8.GetBytes(token, bytes)], out id);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return found;
    }

    /// <summary>The UTF-8 of an id's token; empty where the id stands for none.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => EntryOf(id) is int entry and >= 0 ? Entry(entry) : default;

    /// <summary>The token of an id; null where it stands for none.</summary>
    public string? TokenOf(int id)
    {
        int entry = EntryOf(id);
        if (entry < 0)
        {
            return null;
        }

        if (_texts.Length < Count)
        {
            _texts = new string?[Count];
        }

        return _texts[entry] ??= Encoding.UTF8.GetString(Entry(entry));
    }

    /// <summary>The ids there are, rising.</summary>
    public IEnumerable<int> Ids => Enumerable.Range(0, _entryOfId.Count).Where(id => _entryOfId[id] >= 0).Concat(_entryOfLargeId.Keys.Order());

    private int EntryOf(int id) =>
        (uint)id < (uint)_entryOfId.Count ? _entryOfId[id] : _entryOfLargeId.TryGetValue(id, out int entry) ? entry : Free;

    private void Enter(int id, int entry)
    {
        if (id >= _entryOfId.Count && id <= (2 * Count) + 1024)
        {
            while (_entryOfId.Count <= id)
            {
                _entryOfId.Add(_entryOfLargeId.Remove(_entryOfId.Count, out int earlier) ? earlier : Free);
            }
        }

        if (id < _entryOfId.Count)
        {
            _entryOfId[id] = entry;
        }
        else
        {
            _entryOfLargeId[id] = entry;
        }
    }

    private ReadOnlySpan<byte> Entry(int entry)
    {
        int start = entry == 0 ? 0 : _ends[entry - 1];
        return _bytes.AsSpan(start, _ends[entry] - start);
    }

    private int SlotOf(ReadOnlySpan<byte> token)
    {
        int slot = (int)Hash(token) & (_slots.Length - 1);
        while (_slots[slot] != Free && !Entry(_slots[slot]).SequenceEqual(token))
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    private void Rehash(int size)
    {
        _slots = NewSlots(size);
        for (int entry = 0; entry < Count; entry++)
        {
            int slot = (int)Hash(Entry(entry)) & (size - 1);
            while (_slots[slot] != Free)
            {
                slot = (slot + 1) & (size - 1);
            }

            _slots[slot] = entry;
        }
    }

    private static int[] NewSlots(int size)
    {
        int[] slots = new int[size];
        Array.Fill(slots, Free);
        return slots;
    }

    private static uint Hash(ReadOnlySpan<byte> token) => (uint)System.IO.Hashing.XxHash3.HashToUInt64(token);
}

/// <summary>What became of a token that was to be added to a <see cref="TokenVocabulary"/>.</summary>
internal enum AddResult
{
    /// <summary>It is in the vocabulary now.</summary>
    Added,

    /// <summary>It was there before.</summary>
    TokenIsThere,

    /// <summary>Another token has its id.</summary>
    IdIsTaken,
}
