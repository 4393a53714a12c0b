using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Words encoded before. A slot is one line of the processor's cache and holds the last word that fell into it whole, its ids beside it. Any number of threads share it without a lock:
/// a slot's version is odd while it is written, and a reader takes what it read only where the version stood still (a sequence lock).
/// </summary>
internal sealed unsafe class WordCache
{
    /// <summary>Longer words, in bytes, are rare and not kept.</summary>
    public const int LongestWord = 32;

    /// <summary>Words of more ids are not kept. A reader's room must be at least this.</summary>
    public const int MostIds = 6;

    private const int SlotBits = 17;

    // Ones, then zeros: read from 32 - n it is a mask of n bytes
    private static readonly byte[] Masks = [.. Enumerable.Repeat((byte)0xFF, LongestWord), .. new byte[LongestWord]];

    // Pinned, so that slots lie on lines of the processor's cache
    private readonly Slot[] _array = GC.AllocateArray<Slot>((1 << SlotBits) + 1, pinned: true);
    private readonly Slot* _slots;

    public WordCache()
    {
        _slots = (Slot*)(((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array)) + sizeof(Slot) - 1) & -sizeof(Slot));
    }

    /// <summary>A word of at most <see cref="LongestWord"/> bytes, zeros behind it.</summary>
    /// <param name="text">The text it stands in.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(ReadOnlySpan<byte> text, int start, int length)
    {
        if (start + LongestWord > text.Length)
        {
            return LoadLast(text.Slice(start, length));
        }

        return Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(text), (uint)start)
            & Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(Masks), (uint)(LongestWord - length));
    }

    /// <summary>The ids of a word.</summary>
    /// <param name="word">The word, from <see cref="Load"/>.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="hash">From <see cref="Hash(Vector256{byte}, int)"/>.</param>
    /// <param name="ids">Where they go; <see cref="MostIds"/> are written whatever their number.</param>
    /// <returns>Their number, or 0 where the word is not known.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Get(Vector256<byte> word, int length, ulong hash, ref int ids)
    {
        Slot* slot = _slots + (hash >> (64 - SlotBits));
        uint version = Volatile.Read(ref slot->Version);
        if (slot->Word != word || slot->Length != length || (version & 1) != 0)
        {
            return 0;
        }

        int count = slot->Count;
        Unsafe.WriteUnaligned(ref Unsafe.As<int, byte>(ref ids), slot->First);
        Unsafe.WriteUnaligned(ref Unsafe.As<int, byte>(ref Unsafe.Add(ref ids, 4)), slot->Last);
        Volatile.ReadBarrier();
        return slot->Version == version ? count : 0;
    }

    /// <summary>Keeps a word; where another thread writes the same slot this does nothing.</summary>
    public void Set(Vector256<byte> word, int length, ulong hash, ReadOnlySpan<int> ids)
    {
        Slot* slot = _slots + (hash >> (64 - SlotBits));
        uint version = Volatile.Read(ref slot->Version);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref slot->Version, version + 1, version) != version)
        {
            return;
        }

        slot->Word = word;
        slot->Length = (ushort)length;
        slot->Count = (ushort)ids.Length;
        ids.CopyTo(new Span<int>(&slot->First, MostIds));
        Volatile.Write(ref slot->Version, version + 2);
    }

    /// <summary>A number that differs for nearly all words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(Vector256<byte> word, int length)
    {
        Vector256<ulong> parts = word.AsUInt64();
        return Hash(parts.GetElement(0), parts.GetElement(1), parts.GetElement(2), parts.GetElement(3), length);
    }

    /// <summary>The same of a word's bytes as four numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(ulong first, ulong second, ulong third, ulong fourth, int length)
    {
        ulong hash = (first + (uint)length) * 0x9E3779B97F4A7C15;
        hash ^= second * 0xC2B2AE3D27D4EB4F;
        hash ^= third * 0x165667B19E3779F9;
        hash ^= fourth * 0xD6E8FEB86659FD93;
        hash ^= hash >> 32;
        return hash * 0xFF51AFD7ED558CCD;
    }

    /// <summary>The same for a word of any length.</summary>
    public static ulong Hash(ReadOnlySpan<byte> word)
    {
        int length = word.Length;
        if (length <= LongestWord)
        {
            return Hash(Load(word, 0, length), length);
        }

        // The last block overlaps the one before, so that nothing is padded
        ulong hash = Hash(Vector256.Create(word[^LongestWord..]), length);
        for (int at = 0; at < length - LongestWord; at += LongestWord)
        {
            hash = (hash * 0x9E3779B97F4A7C15) ^ Hash(Vector256.Create(word[at..]), length);
        }

        return hash;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<byte> LoadLast(ReadOnlySpan<byte> word)
    {
        Span<byte> padded = stackalloc byte[LongestWord];
        padded.Clear();
        word.CopyTo(padded);
        return Vector256.Create<byte>(padded);
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Slot
    {
        [FieldOffset(0)]
        public Vector256<byte> Word;

        [FieldOffset(32)]
        public uint Version;

        [FieldOffset(36)]
        public ushort Length;

        [FieldOffset(38)]
        public ushort Count;

        [FieldOffset(40)]
        public Vector128<int> First;

        [FieldOffset(56)]
        public long Last;
    }
}
