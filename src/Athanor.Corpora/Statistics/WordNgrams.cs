using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Athanor.Corpora.Statistics;

/// <summary>Runs of words of a text, as hashes; a word is a run of letters and digits, case left out.</summary>
internal static class WordNgrams
{
    /// <summary>The hashes of all runs of a length; of a text with fewer words, of the whole text; of a text without words, none.</summary>
    public static IEnumerable<ulong> Hashes(string text, int length)
    {
        ulong[] window = new ulong[length];
        int words = 0;
        foreach (ulong word in Words(text))
        {
            window[words++ % length] = word;
            if (words >= length)
            {
                yield return Combine(window, words, length);
            }
        }

        if (words > 0 && words < length)
        {
            yield return Combine(window, words, words);
        }
    }

    /// <summary>How many words a text has.</summary>
    public static long Count(string text)
    {
        long words = 0;
        bool inside = false;
        foreach (char c in text)
        {
            bool now = char.IsLetterOrDigit(c);
            words += now && !inside ? 1 : 0;
            inside = now;
        }

        return words;
    }

    /// <summary>The hashes of a text's words in order.</summary>
    private static IEnumerable<ulong> Words(string text)
    {
        char[] lower = new char[64];
        int filled = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                // Of a longer word the beginning counts
                if (filled < lower.Length)
                {
                    lower[filled++] = char.ToLowerInvariant(text[i]);
                }
            }
            else if (filled > 0)
            {
                yield return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(lower.AsSpan(0, filled)));
                filled = 0;
            }
        }
    }

    private static ulong Combine(ulong[] window, int words, int length)
    {
        ulong hash = 0x9E3779B97F4A7C15;
        for (int back = length; back > 0; back--)
        {
            hash = (hash ^ window[(words - back) % window.Length]) * 0xBF58476D1CE4E5B9;
            hash ^= hash >> 29;
        }

        return hash;
    }
}
