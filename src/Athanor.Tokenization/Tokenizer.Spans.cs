using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Athanor.Tokenization.BytePairs;

namespace Athanor.Tokenization;

/// <content>Over spans of UTF-8 and UTF-16: once warm, what works word by word (byte-level vocabularies behind a known expression) allocates nothing here.</content>
public sealed partial class Tokenizer
{
    // Ids of so many words at a time are looked at where nobody wants them kept
    private const int BlockIds = 1024;

    [ThreadStatic]
    private static List<int>? _scratch;

    /// <summary>Appends the ids of a text in UTF-8; what looks like a special token in it is text like any other. Bytes that are no UTF-8 count as U+FFFD, as when .NET reads them.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public void Encode(ReadOnlySpan<byte> utf8, List<int> ids)
    {
        if (Pipeline.FastEncoder?.Words is ByteLevelEncoder words && !Pipeline.Added.MayOccur(withSpecial: false) && Utf8.IsValid(utf8))
        {
            words.Encode(utf8, ids);
            return;
        }

        using Utf16Copy text = new(utf8);
        Encode(text.Span, ids);
    }

    /// <summary>Writes the ids of a text into a span, if they have room there; what looks like a special token in it is text like any other.</summary>
    /// <returns>Whether they had; if not, what stands in the span means nothing.</returns>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public bool TryEncode(ReadOnlySpan<char> text, Span<int> destination, out int written)
    {
        List<int> ids = Scratch();
        Encode(text, ids);
        return TryCopy(ids, destination, out written);
    }

    /// <summary>Writes the ids of a text in UTF-8 into a span, if they have room there; see <see cref="Encode(ReadOnlySpan{byte}, List{int})"/>.</summary>
    /// <returns>Whether they had; if not, what stands in the span means nothing.</returns>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public bool TryEncode(ReadOnlySpan<byte> utf8, Span<int> destination, out int written)
    {
        List<int> ids = Scratch();
        Encode(utf8, ids);
        return TryCopy(ids, destination, out written);
    }

    /// <summary>How many ids a text in UTF-8 has, without keeping them.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public int CountTokens(ReadOnlySpan<byte> utf8)
    {
        if (Pipeline.FastEncoder?.Words is ByteLevelEncoder words && !Pipeline.Added.MayOccur(withSpecial: false) && Utf8.IsValid(utf8))
        {
            return Count(words, utf8);
        }

        using Utf16Copy text = new(utf8);
        return CountOf(text.Span);
    }

    /// <summary>
    /// Where a text in UTF-8 is to be cut to have at most a number of tokens, without keeping ids. The cut never falls within a character, so the number may be smaller.
    /// </summary>
    /// <param name="utf8">The text; it must be valid, for a place in it is asked.</param>
    /// <param name="maxTokenCount">The most tokens.</param>
    /// <param name="tokenCount">How many there are before the cut.</param>
    /// <returns>The number of bytes before the cut.</returns>
    /// <exception cref="ArgumentException">The text is not valid UTF-8.</exception>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public int GetIndexByTokenCount(ReadOnlySpan<byte> utf8, int maxTokenCount, out int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokenCount, 1);
        if (!Utf8.IsValid(utf8))
        {
            throw new ArgumentException("the text is not valid UTF-8", nameof(utf8));
        }

        if (Pipeline.FastEncoder?.Words is ByteLevelEncoder words && !Pipeline.Added.MayOccur(withSpecial: false))
        {
            return EndOf(words, utf8, maxTokenCount, up: false, out tokenCount);
        }

        using Utf16Copy text = new(utf8);
        int end = GetIndexByTokenCount(text.Span, maxTokenCount, out _, out tokenCount);
        return Encoding.UTF8.GetByteCount(text.Span[..end]);
    }

    /// <summary>
    /// The ids of many texts, encoded on all cores, in the order of the texts; what looks like a special token in them is text like any other. They do not depend on the number of
    /// cores.
    /// </summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public int[][] EncodeBatchToIds(IReadOnlyList<string> texts, CancellationToken cancellation = default)
    {
        int[][] ids = new int[texts.Count][];
        try
        {
            Parallel.For(0, texts.Count, new ParallelOptions { CancellationToken = cancellation }, index => ids[index] = Encode(texts[index]));
        }
        catch (AggregateException exception) when (exception.InnerException is EncodingException first)
        {
            throw new EncodingException(first.Message);
        }

        return ids;
    }

    /// <summary>An encoding to which text is appended bit by bit; its ids are at any time those of the whole text.</summary>
    public IncrementalEncoding OpenIncremental() => new(this);

    private int CountOf(ReadOnlySpan<char> text)
    {
        if (WordsOf(text) is ByteLevelEncoder words)
        {
            using Utf8Copy utf8 = new(text);
            return Count(words, utf8.Span);
        }

        List<int> ids = Scratch();
        Encode(text, ids);
        return ids.Count;
    }

    // The encoder of words, where the ids of a text are those of its words: no added token is in the way
    private ByteLevelEncoder? WordsOf(ReadOnlySpan<char> text) =>
        Pipeline.FastEncoder?.Words is ByteLevelEncoder words && !Pipeline.Added.OccursIn(text, withSpecial: false) ? words : null;

    private static int Count(ByteLevelEncoder words, ReadOnlySpan<byte> text)
    {
        int count = 0;
        using Block block = new(stackalloc int[BlockIds]);
        for (int at = 0; at < text.Length;)
        {
            count += block.Encode(words, text, ref at).Length;
        }

        return count;
    }

    /// <summary>Where the last character boundary between tokens lies with at most so many tokens before it, or the first with at least so many.</summary>
    private int EndOf(ByteLevelEncoder words, ReadOnlySpan<byte> text, int tokens, bool up, out int taken)
    {
        taken = 0;
        using Block block = new(stackalloc int[BlockIds]);
        for (int at = 0; at < text.Length;)
        {
            (int before, int end) = (taken, at);
            ReadOnlySpan<int> ids = block.Encode(words, text, ref at);
            if (taken + ids.Length < tokens)
            {
                taken += ids.Length;
                continue;
            }

            // A block begins and ends with a word, and a word with a character
            (int count, int place) = (taken, end);
            while (taken < tokens && (up || count < tokens))
            {
                place += BytesOf(ids[count - before]).Length;
                count++;
                if (place == text.Length || (text[place] & 0xC0) != 0x80)
                {
                    (taken, end) = (count, place);
                }
            }

            return end;
        }

        return text.Length;
    }

    private static List<int> Scratch()
    {
        const int MostKept = 1 << 20;
        List<int>? ids = _scratch;
        if (ids is null || ids.Capacity > MostKept)
        {
            _scratch = ids = [];
        }

        ids.Clear();
        return ids;
    }

    private static bool TryCopy(List<int> ids, Span<int> destination, out int written)
    {
        written = ids.Count <= destination.Length ? ids.Count : 0;
        if (ids.Count > destination.Length)
        {
            return false;
        }

        ids.CopyTo(destination);
        return true;
    }
}
