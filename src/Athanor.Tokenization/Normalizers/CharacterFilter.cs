using System.Text;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Leaves characters out of a text, and puts others in the place of those that stay.</summary>
internal static class CharacterFilter
{
    /// <summary>Keeps the characters for which a test holds. What is left out belongs to no character that stays.</summary>
    public static NormalizedText Keep(NormalizedText text, Func<int, bool> keep, Func<int, int>? map = null)
    {
        TextRewriter rewriter = new(text);
        int kept = -1, removed = 0;
        foreach (Rune character in text.Span.EnumerateRunes())
        {
            if (!keep(character.Value))
            {
                removed++;
                continue;
            }

            if (kept < 0)
            {
                rewriter.Skip(removed);
            }
            else
            {
                rewriter.Add(map?.Invoke(kept) ?? kept, -removed);
            }

            (kept, removed) = (character.Value, 0);
        }

        if (kept >= 0)
        {
            rewriter.Add(map?.Invoke(kept) ?? kept, -removed);
        }

        return rewriter.ToText();
    }
}
