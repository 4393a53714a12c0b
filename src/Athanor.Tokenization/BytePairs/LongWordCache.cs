using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Words encoded before that <see cref="WordCache"/> has no room for: longer ones and those of more ids. The same rules between threads.</summary>
internal sealed unsafe class LongWordCache
{
    /// <summary>Longer words, in bytes, are not kept.</summary>
    public const int LongestWord = 40;

    /// <summary>Words of more ids are not kept.</summary>
    public const int MostIds = 20;

    private const int SlotBits = 15;

    private readonly Slot[] _array = GC.AllocateArray<Slot>(1 << SlotBits, pinned: true);
    private readonly Slot* _slots;

    public LongWordCache()
    {
        _slots = (Slot*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
    }

    /// <summary>Writes the ids of a word and returns their number, or 0 where the word is not known. The room is at least as long as the word.</summary>
    public int Get(ReadOnlySpan<byte> word, ulong hash, Span<int> ids)
    {
        Slot* slot = _slots + (hash >> (64 - SlotBits));
        uint version = Volatile.Read(ref slot->Version);
        int count = slot->Count;
        if ((version & 1) != 0 || slot->Length != word.Length || count > word.Length || !word.SequenceEqual(new ReadOnlySpan<byte>(slot->Word, word.Length)))
        {
            return 0;
        }

        new ReadOnlySpan<int>(slot->Ids, Math.Min(count, MostIds)).CopyTo(ids);
        Volatile.ReadBarrier();
        return slot->Version == version ? count : 0;
    }

    /// <summary>Keeps a word of at most <see cref="LongestWord"/> bytes and <see cref="MostIds"/> ids; where another thread writes the same slot this does nothing.</summary>
    public void Set(ReadOnlySpan<byte> word, ulong hash, ReadOnlySpan<int> ids)
    {
        Slot* slot = _slots + (hash >> (64 - SlotBits));
        uint version = Volatile.Read(ref slot->Version);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref slot->Version, version + 1, version) != version)
        {
            return;
        }

        slot->Length = (ushort)word.Length;
        slot->Count = (ushort)ids.Length;
        word.CopyTo(new Span<byte>(slot->Word, LongestWord));
        ids.CopyTo(new Span<int>(slot->Ids, MostIds));
        Volatile.Write(ref slot->Version, version + 2);
    }

    private struct Slot
    {
        public uint Version;
        public ushort Length;
        public ushort Count;
        public fixed byte Word[LongestWord];
        public fixed int Ids[MostIds];
    }
}
