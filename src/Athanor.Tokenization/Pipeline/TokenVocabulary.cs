using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Athanor.Tokenization.Pipeline;

/// <summary>
/// The tokens of a model and their ids, each way. Tokens are kept as UTF-8 in one array, so that a large vocabulary is read without a string a token; strings are made when
/// somebody asks. Ids may have gaps; memory depends on how many tokens there are, not on how large an id is.
/// </summary>
internal sealed class TokenVocabulary
{
    private const int Free = -1;

    // Loading is mostly work of the methods marked so: they are compiled in full at once, for a tokenizer is loaded once
    private const MethodImplOptions Full = MethodImplOptions.AggressiveOptimization;

    private byte[] _bytes = [];
    private int _byteCount;
    private int[] _ends = new int[16];
    private int[] _ids = new int[16];

    // The upper half of a token's hash above its entry and one; 0 is free
    private ulong[] _slots = new ulong[32];

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
    [MethodImpl(Full)]
    public AddResult Add(ReadOnlySpan<byte> token, int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ulong hash = Hash(token);
        int slot = SlotOf(token, hash);
        if (_slots[slot] != 0)
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
        _slots[slot] = Slot(hash, Count);
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
        int entry = Find(token);
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
    [MethodImpl(Full)]
    public bool TryGetId(ReadOnlySpan<byte> token, out int id)
    {
        int entry = Find(token);
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

    private int Find(ReadOnlySpan<byte> token) => (int)(uint)_slots[SlotOf(token, Hash(token))] - 1;

    [MethodImpl(Full)]
    private int SlotOf(ReadOnlySpan<byte> token, ulong hash)
    {
        ulong[] slots = _slots;
        int slot = (int)hash & (slots.Length - 1);
        while (slots[slot] != 0 && !(slots[slot] >> 32 == hash >> 32 && Entry((int)(uint)slots[slot] - 1).SequenceEqual(token)))
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        return slot;
    }

    [MethodImpl(Full)]
    private void Rehash(int size)
    {
        _slots = new ulong[size];
        for (int entry = 0; entry < Count; entry++)
        {
            ulong hash = Hash(Entry(entry));
            int slot = (int)hash & (size - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (size - 1);
            }

            _slots[slot] = Slot(hash, entry);
        }
    }

    private static ulong Slot(ulong hash, int entry) => (hash >> 32 << 32) | (uint)(entry + 1);

    // Eight bytes at a time, multiplied and folded; the rest as one number with the length above it
    [MethodImpl(Full)]
    private static ulong Hash(ReadOnlySpan<byte> token)
    {
        ulong hash = (ulong)token.Length * 0x9E3779B97F4A7C15;
        while (token.Length >= 8)
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(token));
            token = token[8..];
        }

        ulong rest = 0;
        for (int at = 0; at < token.Length; at++)
        {
            rest |= (ulong)token[at] << (8 * at);
        }

        return Fold(hash ^ rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E3779B97F4A7C15, out ulong low);
        return high ^ low;
    }
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
