using System.Text;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Leaves characters out of a text, and puts others in the place of those that stay.</summary>
internal static class CharacterFilter
{
    /// <summary>What <see cref="Rewrite(NormalizedText, Func{int, int})"/> leaves out.</summary>
    public const int Removed = -1;

    /// <summary>Puts another character in the place of each; what is left out belongs to no character that stays.</summary>
    /// <param name="text">The text.</param>
    /// <param name="map">What stands for a character: itself, another, or <see cref="Removed"/>.</param>
    public static NormalizedText Rewrite(NormalizedText text, Func<int, int> map)
    {
        if (TextRewriter.KeepsAsItIs(text) && IsUnchanged(text.Span, map))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        Rewrite(text.Span, map, rewriter);
        return rewriter.ToText();
    }

    /// <summary>The same of a text without places.</summary>
    public static void Rewrite(PlainText text, Func<int, int> map)
    {
        if (!IsUnchanged(text.Span, map))
        {
            Rewrite(text.Span, map, text);
            text.Take();
        }
    }

    private static void Rewrite(ReadOnlySpan<char> text, Func<int, int> map, IRewriter rewriter)
    {
        int at = 0, copied = 0;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out Rune character, out int width);
            int mapped = map(character.Value);
            if (mapped != character.Value)
            {
                rewriter.Copy(text[copied..at]);
                if (mapped == Removed)
                {
                    rewriter.Skip(1);
                }
                else
                {
                    rewriter.Add(mapped, 0);
                }

                copied = at + width;
            }

            at += width;
        }

        rewriter.Copy(text[copied..]);
    }

    private static bool IsUnchanged(ReadOnlySpan<char> text, Func<int, int> map)
    {
        foreach (Rune character in text.EnumerateRunes())
        {
            if (map(character.Value) != character.Value)
            {
                return false;
            }
        }

        return true;
    }
}
