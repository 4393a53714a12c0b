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
        ReadOnlySpan<char> span = text.Span;
        if (TextRewriter.KeepsAsItIs(text) && !span.ContainsAnyInRange('A', 'Z') && Ascii.IsValid(span))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        int at = 0, copied = 0;
        foreach (Rune character in span.EnumerateRunes())
        {
            int lower = CaseFolding.ToLower(character.Value, out int second);
            if (lower != character.Value)
            {
                rewriter.Copy(span[copied..at]);
                rewriter.Add(lower, 0);
                if (second >= 0)
                {
                    rewriter.Add(second, 1);
                }

                copied = at + character.Utf16SequenceLength;
            }

            at += character.Utf16SequenceLength;
        }

        rewriter.Copy(span[copied..]);
        return rewriter.ToText();
    }
}
