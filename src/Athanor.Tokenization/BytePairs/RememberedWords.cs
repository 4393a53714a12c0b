using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Words encoded before with their ids: short ones in a <see cref="WordCache"/>, longer ones and those of more ids in a <see cref="LongWordCache"/>.</summary>
internal sealed class RememberedWords
{
    /// <summary>Longer words, in bytes, are not kept.</summary>
    public const int LongestWord = LongWordCache.LongestWord;

    // Made with the first word: of threads that come at once one loses what it remembered
    private WordCache? _short;
    private LongWordCache? _long;

    /// <summary>Appends the ids of a word, if it is known.</summary>
    /// <param name="text">The text it stands in.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">Its bytes, at least one.</param>
    /// <param name="ids">Where the ids go.</param>
    public bool TryAppend(ReadOnlySpan<byte> text, int start, int length, List<int> ids)
    {
        if (length > LongestWord)
        {
            return false;
        }

        int before = ids.Count;
        int known = 0;
        ulong hash;
        if (length <= WordCache.LongestWord)
        {
            Vector256<byte> word = WordCache.Load(text, start, length);
            hash = WordCache.Hash(word, length);
            CollectionsMarshal.SetCount(ids, before + WordCache.MostIds);
            known = (_short ??= new()).Get(word, length, hash, ref CollectionsMarshal.AsSpan(ids)[before]);
        }
        else
        {
            hash = WordCache.Hash(text.Slice(start, length));
        }

        if (known == 0)
        {
            CollectionsMarshal.SetCount(ids, before + LongWordCache.LongestWord);
            known = (_long ??= new()).Get(text.Slice(start, length), hash, CollectionsMarshal.AsSpan(ids)[before..]);
        }

        CollectionsMarshal.SetCount(ids, before + known);
        return known > 0;
    }

    /// <summary>Keeps a word, where there is room for it.</summary>
    public void Keep(ReadOnlySpan<byte> word, ReadOnlySpan<int> ids)
    {
        if (ids.IsEmpty || word.Length > LongestWord)
        {
            return;
        }

        if (ids.Length <= WordCache.MostIds && word.Length <= WordCache.LongestWord)
        {
            Vector256<byte> key = WordCache.Load(word, 0, word.Length);
            (_short ??= new()).Set(key, word.Length, WordCache.Hash(key, word.Length), ids);
        }
        else if (ids.Length <= LongWordCache.MostIds && ids.Length <= word.Length)
        {
            (_long ??= new()).Set(word, WordCache.Hash(word), ids);
        }
    }
}
