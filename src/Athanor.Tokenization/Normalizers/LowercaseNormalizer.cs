using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Turns every character into its lower case by itself: a final sigma is a sigma, and U+0130 becomes two characters.</summary>
internal sealed record LowercaseNormalizer : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        if (TextRewriter.KeepsAsItIs(text) && IsUnchanged(text.Span))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        Rewrite(text.Span, rewriter);
        return rewriter.ToText();
    }

    /// <inheritdoc/>
    public void Rewrite(PlainText text)
    {
        if (!IsUnchanged(text.Span))
        {
            Rewrite(text.Span, text);
            text.Take();
        }
    }

    private static bool IsUnchanged(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('A', 'Z') && Ascii.IsValid(text);

    private static void Rewrite(ReadOnlySpan<char> text, IRewriter rewriter)
    {
        int at = 0, copied = 0;
        foreach (Rune character in text.EnumerateRunes())
        {
            int lower = CaseFolding.ToLower(character.Value, out int second);
            if (lower != character.Value)
            {
                rewriter.Copy(text[copied..at]);
                rewriter.Add(lower, 0);
                if (second >= 0)
                {
                    rewriter.Add(second, 1);
                }

                copied = at + character.Utf16SequenceLength;
            }

            at += character.Utf16SequenceLength;
        }

        rewriter.Copy(text[copied..]);
    }
}
