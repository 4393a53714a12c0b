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
            if (ids.Length - count < Math.Max(length + WordCache.MostIds, Spare))
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
                count += EncodeLong(text, start, end, ids[count..]);
            }

            start = end;
        }

        at = start;
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int EncodeNew(ReadOnlySpan<byte> text, Vector256<byte> word, ulong hash, Span<int> ids)
    {
        // Words of many ids are kept elsewhere
        int count = text.Length > WordCache.MostIds ? _longCache.Get(text, hash, ids) : 0;
        if (count > 0)
        {
            return count;
        }

        count = IsToken(text, ids) ? 1 : model.Encode(text, ids);
        if (count <= WordCache.MostIds)
        {
            _cache.Set(word, text.Length, hash, ids[..count]);
        }
        else if (count <= LongWordCache.MostIds)
        {
            _longCache.Set(text, hash, ids[..count]);
        }

        return count;
    }

    private int EncodeLong(ReadOnlySpan<byte> text, int start, int end, Span<int> ids)
    {
        ReadOnlySpan<byte> word = text[start..end];
        if (word.Length > LongWordCache.LongestWord)
        {
            return IsToken(word, ids) ? 1 : EncodeParts(text, start, end, ids);
        }

        ulong hash = WordCache.Hash(word);
        int count = _longCache.Get(word, hash, ids);
        if (count == 0)
        {
            count = IsToken(word, ids) ? 1 : EncodeParts(text, start, end, ids);
            if (count <= LongWordCache.MostIds)
            {
                _longCache.Set(word, hash, ids[..count]);
            }
        }

        return count;
    }

    // Cut where no token reaches across
    private int EncodeParts(ReadOnlySpan<byte> text, int start, int end, Span<int> ids)
    {
        int count = 0;
        int part = start;
        uint before = 0;
        Junctions junctions = model.Junctions;
        for (int at = start; at < end;)
        {
            byte lead = text[at];
            int width = Math.Clamp(Junctions.Width(lead), 1, end - at);
            uint here = lead;
            for (int follower = 1; follower < width; follower++)
            {
                here = (here << 8) | text[at + follower];
            }

            // Letters without accents are nearly always joined by some rule
            if (at > start && (before | here) >= 0x80 && junctions.NoneBetween(before, here, lead))
            {
                count += EncodePart(text, part, at, ids[count..]);
                part = at;
            }

            before = here;
            at += width;
        }

        return count + (part == start ? model.Encode(text[start..end], ids) : EncodePart(text, part, end, ids[count..]));
    }

    private int EncodePart(ReadOnlySpan<byte> text, int start, int end, Span<int> ids)
    {
        int length = end - start;
        if (length > WordCache.LongestWord)
        {
            return model.Encode(text[start..end], ids);
        }

        // A part is never taken whole as a word is, so it is not kept as the same bytes of a word are
        int kind = length + WordCache.LongestWord;
        Vector256<byte> part = WordCache.Load(text, start, length);
        ulong hash = WordCache.Hash(part, kind);
        int count = _cache.Get(part, kind, hash, ref MemoryMarshal.GetReference(ids));
        if (count == 0)
        {
            count = model.Encode(text[start..end], ids);
            if (count <= WordCache.MostIds)
            {
                _cache.Set(part, kind, hash, ids[..count]);
            }
        }

        return count;
    }

    private bool IsToken(ReadOnlySpan<byte> word, Span<int> ids)
    {
        if (whole is not null && whole.Find(word) is int id and >= 0)
        {
            ids[0] = id;
            return true;
        }

        return false;
    }
}
