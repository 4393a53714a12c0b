using System.Text;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Leaves characters out of a text, and puts others in the place of those that stay.</summary>
internal static class CharacterFilter
{
    /// <summary>What <see cref="Rewrite"/> leaves out.</summary>
    public const int Removed = -1;

    /// <summary>Puts another character in the place of each; what is left out belongs to no character that stays.</summary>
    /// <param name="text">The text.</param>
    /// <param name="map">What stands for a character: itself, another, or <see cref="Removed"/>.</param>
    public static NormalizedText Rewrite(NormalizedText text, Func<int, int> map)
    {
        ReadOnlySpan<char> span = text.Span;
        TextRewriter? rewriter = null;
        int at = 0, copied = 0;
        while (at < span.Length)
        {
            Rune.DecodeFromUtf16(span[at..], out Rune character, out int width);
            int mapped = map(character.Value);
            if (mapped != character.Value)
            {
                rewriter ??= new TextRewriter(text);
                rewriter.Copy(span[copied..at]);
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

        if (rewriter is null)
        {
            if (TextRewriter.KeepsAsItIs(text))
            {
                return text;
            }

            rewriter = new TextRewriter(text);
        }

        rewriter.Copy(span[copied..]);
        return rewriter.ToText();
    }
}
