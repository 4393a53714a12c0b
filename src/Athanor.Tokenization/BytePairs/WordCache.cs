using System.Runtime.InteropServices;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Words encoded before. A slot holds the last word that fell into it; entries never change and a slot is replaced by one reference write, so many
/// threads share it without a lock and its memory is bounded.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are rare and not kept.</summary>
    public const int LongestWord = 48;

    private const int SlotBits = 16;

    private readonly Entry?[] _slots = new Entry?[1 << SlotBits];

    public bool TryGet(ReadOnlySpan<char> word, out ReadOnlySpan<int> ids)
    {
        Entry? entry = Volatile.Read(ref _slots[Slot(word)]);
        if (entry is not null && word.SequenceEqual(entry.Word))
        {
            ids = entry.Ids;
            return true;
        }

        ids = default;
        return false;
    }

    public void Set(ReadOnlySpan<char> word, ReadOnlySpan<int> ids) => Volatile.Write(ref _slots[Slot(word)], new Entry(word.ToArray(), ids.ToArray()));

    private static int Slot(ReadOnlySpan<char> word)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(word);
        ulong hash = (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[8..];
        }

        foreach (char rest in MemoryMarshal.Cast<byte, char>(bytes))
        {
            hash = Mix(hash ^ rest);
        }

        return (int)(hash >> (64 - SlotBits));
    }

    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        return value ^ (value >> 32);
    }

    private sealed class Entry(char[] word, int[] ids)
    {
        public char[] Word { get; } = word;

        public int[] Ids { get; } = ids;
    }
}
