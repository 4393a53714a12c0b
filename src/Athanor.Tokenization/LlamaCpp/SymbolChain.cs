using System.Buffers;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>Says which symbol two neighbouring symbols become.</summary>
internal interface ISymbolMerger
{
    /// <summary>The symbol of a character; -1 where it has none.</summary>
    int SymbolOf(ReadOnlySpan<byte> character);

    /// <summary>Whether two neighbours become one symbol.</summary>
    /// <param name="left">The first symbol.</param>
    /// <param name="right">The second.</param>
    /// <param name="text">The bytes of both.</param>
    /// <param name="result">What they become.</param>
    /// <param name="order">Smaller ones go first, and of equal ones the leftmost.</param>
    bool TryMerge(int left, int right, ReadOnlySpan<byte> text, out int result, out uint order);
}

/// <summary>Merges the characters of a text in the order of a queue: a linked list and a heap, so that no text takes more than n log n.</summary>
internal static class SymbolChain
{
    // A queue that a longer text has left is not kept
    private const int LongestKept = 1 << 20;

    [ThreadStatic]
    private static PriorityQueue<(int Length, int Result), ulong>? _queue;

    /// <summary>Merges a text.</summary>
    /// <typeparam name="TMerger">What decides.</typeparam>
    /// <param name="text">The text.</param>
    /// <param name="merger">What decides.</param>
    /// <param name="result">Where the symbols in order go, -1 for a character without one, and where each ends in bytes.</param>
    /// <param name="offset">Where the text begins: ends are counted from there.</param>
    public static void Merge<TMerger>(ReadOnlySpan<byte> text, TMerger merger, Segmentation result, int offset = 0)
        where TMerger : ISymbolMerger
    {
        if (text.IsEmpty)
        {
            return;
        }

        int[] buffer = ArrayPool<int>.Shared.Rent(5 * text.Length);
        Span<int> starts = buffer.AsSpan(0, text.Length);
        Span<int> lengths = buffer.AsSpan(text.Length, text.Length);
        Span<int> symbols = buffer.AsSpan(2 * text.Length, text.Length);
        Span<int> nexts = buffer.AsSpan(3 * text.Length, text.Length);
        Span<int> previous = buffer.AsSpan(4 * text.Length, text.Length);
        int count = 0;
        for (int at = 0; at < text.Length;)
        {
            int length = Math.Min(LengthOf(text[at]), text.Length - at);
            starts[count] = at;
            lengths[count] = length;
            symbols[count] = merger.SymbolOf(text.Slice(at, length));
            previous[count] = count - 1;
            nexts[count] = count + 1;
            count++;
            at += length;
        }

        nexts[count - 1] = -1;
        PriorityQueue<(int Length, int Result), ulong> queue = _queue ?? new();
        _queue = null;
        for (int at = 1; at < count; at++)
        {
            Try(at - 1, at, text, merger, starts, lengths, symbols, queue);
        }

        while (queue.TryDequeue(out (int Length, int Result) merge, out ulong key))
        {
            int left = (int)(uint)key;
            int right = nexts[left];

            // Lengths grow only: where they still add up, neither has been merged since
            if (lengths[left] == 0 || right < 0 || lengths[left] + lengths[right] != merge.Length)
            {
                continue;
            }

            lengths[left] = merge.Length;
            lengths[right] = 0;
            symbols[left] = merge.Result;
            nexts[left] = nexts[right];
            if (nexts[left] >= 0)
            {
                previous[nexts[left]] = left;
                Try(left, nexts[left], text, merger, starts, lengths, symbols, queue);
            }

            if (previous[left] >= 0)
            {
                Try(previous[left], left, text, merger, starts, lengths, symbols, queue);
            }
        }

        for (int at = 0; at >= 0; at = nexts[at])
        {
            result.Add(symbols[at], offset + starts[at] + lengths[at]);
        }

        ArrayPool<int>.Shared.Return(buffer);
        _queue = text.Length <= LongestKept ? queue : null;
    }

    /// <summary>How many bytes a character has by its first.</summary>
    public static int LengthOf(byte first) => first switch { < 0xC0 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };

    private static void Try<TMerger>(
        int left, int right, ReadOnlySpan<byte> text, TMerger merger, Span<int> starts, Span<int> lengths, Span<int> symbols, PriorityQueue<(int Length, int Result), ulong> queue)
        where TMerger : ISymbolMerger
    {
        int length = lengths[left] + lengths[right];
        if (merger.TryMerge(symbols[left], symbols[right], text.Slice(starts[left], length), out int result, out uint order))
        {
            queue.Enqueue((length, result), ((ulong)order << 32) | (uint)left);
        }
    }
}
