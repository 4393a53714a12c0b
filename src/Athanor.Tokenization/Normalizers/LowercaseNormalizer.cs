using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Turns every character into its lower case by itself: a final sigma is a sigma, and U+0130 becomes two characters.</summary>
internal sealed record LowercaseNormalizer : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        TextRewriter rewriter = new(text);
        foreach (System.Text.Rune character in text.Span.EnumerateRunes())
        {
            rewriter.Add(CaseFolding.ToLower(character.Value, out int second), 0);
            if (second >= 0)
            {
                rewriter.Add(second, 1);
            }
        }

        return rewriter.ToText();
    }
}
