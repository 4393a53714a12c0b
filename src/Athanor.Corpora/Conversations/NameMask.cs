using System.Text;
using Athanor.Corpora.Documentation;

namespace Athanor.Corpora.Conversations;

/// <summary>Replaces the words of names in a text by <c>_</c>, so that a description is recognised by what it says and not by a word it shares with a name.</summary>
internal static class NameMask
{
    /// <summary>Masks the words of names; a word also counts as the name's where one begins with the other and the shorter has four letters or more (<c>closed</c> for <c>Close</c>).</summary>
    public static string Apply(string text, IEnumerable<string> names)
    {
        string[] words = [.. names.SelectMany(NameWords.Of).Where(word => word.Length > 1).Distinct()];
        StringBuilder masked = new(text.Length);
        int i = 0;
        while (i < text.Length)
        {
            if (!char.IsAsciiLetter(text[i]))
            {
                masked.Append(text[i++]);
                continue;
            }

            int begin = i;
            while (i < text.Length && char.IsAsciiLetter(text[i]))
            {
                i++;
            }

            ReadOnlySpan<char> word = text.AsSpan(begin, i - begin);
            if (Belongs(word, words))
            {
                masked.Append('_');
            }
            else
            {
                masked.Append(word);
            }
        }

        return masked.ToString();
    }

    private static bool Belongs(ReadOnlySpan<char> word, string[] names)
    {
        foreach (string name in names)
        {
            if (word.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (name.Length > 3 && word.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                || (word.Length > 3 && name.AsSpan().StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }
}
