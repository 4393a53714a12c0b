using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Text to ids for byte-level byte pairs behind a known expression, in one pass over UTF-8: cut a word, look it up among the words encoded before, else merge it.
/// </summary>
internal abstract class ByteLevelEncoder
{
    /// <summary>With room for this many ids more than the text has bytes no call stops early.</summary>
    public const int Spare = WordCache.LongestWord;

    /// <summary>Encodes whole words until the text ends or the room may not do for the next.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="at">Where to begin, which is the beginning of a word; after the call, where it stopped.</param>
    /// <param name="ids">Where the ids go.</param>
    /// <returns>The number of ids.</returns>
    public abstract int Encode(ReadOnlySpan<byte> text, ref int at, Span<int> ids);

    /// <summary>Appends the ids of a text in valid UTF-8.</summary>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        int count = ids.Count;
        for (int at = 0; at < text.Length;)
        {
            CollectionsMarshal.SetCount(ids, count + text.Length - at + Spare);
            count += Encode(text, ref at, CollectionsMarshal.AsSpan(ids)[count..]);
        }

        CollectionsMarshal.SetCount(ids, count);
    }

    /// <summary>Where the word that begins at <paramref name="at"/> ends.</summary>
    public abstract int NextWord(ReadOnlySpan<byte> text, int at);

    /// <summary>An encoder for an expression, or null where it is none of those that are written by hand.</summary>
    /// <param name="expression">As it is written in a tokenizer's file.</param>
    /// <param name="model">The merges.</param>
    /// <param name="whole">Where a word that is a token is taken whole: the tokens; else null.</param>
    public static ByteLevelEncoder? For(string expression, BytePairModel model, TokenTable? whole) => expression switch
    {
        Gpt2Pattern.Expression => new ByteLevelEncoder<Gpt2Pattern>(model, whole),
        Cl100kPattern.Expression => new ByteLevelEncoder<Cl100kPattern>(model, whole),
        Qwen2Pattern.Expression => new ByteLevelEncoder<Qwen2Pattern>(model, whole),
        O200kPattern.Expression => new ByteLevelEncoder<O200kPattern>(model, whole),
        AthanorPattern.Expression => new ByteLevelEncoder<AthanorPattern>(model, whole),
        _ => null,
    };
}

/// <inheritdoc cref="ByteLevelEncoder"/>
/// <typeparam name="TPattern">The expression.</typeparam>
internal sealed class ByteLevelEncoder<TPattern>(BytePairModel model, TokenTable? whole) : ByteLevelEncoder
    where TPattern : struct, IWordPattern
{
    private readonly WordCache _cache = new();
    private readonly LongWordCache _longCache = new();

    public override int NextWord(ReadOnlySpan<byte> text, int at) => TPattern.Next(new TextUnits<byte>(text), at);

    public override int Encode(ReadOnlySpan<byte> text, ref int at, Span<int> ids)
    {
        TextUnits<byte> units = new(text);
        ref int first = ref MemoryMarshal.GetReference(ids);
        int start = at;
        int count = 0;
        while (start < text.Length)
        {
            int end = TPattern.Next(units, start);
            int length = end - start;
            if (ids.Length - count < Math.Max(length, Spare))
            {
                break;
            }

            if (length <= WordCache.LongestWord)
            {
                Vector256<byte> word = WordCache.Load(text, start, length);
                ulong hash = WordCache.Hash(word, length);
                int known = _cache.Get(word, length, hash, ref Unsafe.Add(ref first, count));
                count += known > 0 ? known : EncodeNew(text.Slice(start, length), word, hash, ids[count..]);
            }
            else
            {
                count += EncodeLong(text.Slice(start, length), WordCache.Hash(text.Slice(start, length)), ids[count..]);
            }

            start = end;
        }

        at = start;
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int EncodeNew(ReadOnlySpan<byte> text, Vector256<byte> word, ulong hash, Span<int> ids)
    {
        if (text.Length > WordCache.MostIds)
        {
            return EncodeLong(text, hash, ids);
        }

        int count = EncodeWord(text, ids);
        _cache.Set(word, text.Length, hash, ids[..count]);
        return count;
    }

    private int EncodeLong(ReadOnlySpan<byte> word, ulong hash, Span<int> ids)
    {
        if (word.Length > LongWordCache.LongestWord)
        {
            return EncodeWord(word, ids);
        }

        int count = _longCache.Get(word, hash, ids);
        if (count == 0)
        {
            count = EncodeWord(word, ids);
            if (count <= WordCache.MostIds && word.Length <= WordCache.LongestWord)
            {
                _cache.Set(WordCache.Load(word, 0, word.Length), word.Length, hash, ids[..count]);
            }
            else if (count <= LongWordCache.MostIds)
            {
                _longCache.Set(word, hash, ids[..count]);
            }
        }

        return count;
    }

    private int EncodeWord(ReadOnlySpan<byte> word, Span<int> ids)
    {
        if (whole is not null && whole.Find(word) is int id and >= 0)
        {
            ids[0] = id;
            return 1;
        }

        return model.Encode(word, ids);
    }
}
