using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Takes white space off the ends of a text.</summary>
/// <param name="Left">Whether from the beginning.</param>
/// <param name="Right">Whether from the end.</param>
internal sealed record StripNormalizer(bool Left = true, bool Right = true) : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        ReadOnlySpan<char> span = text.Span;
        int start = 0, end = span.Length;
        while (Left && start < end && CharacterProperties.WhiteSpace.Contains(span[start]))
        {
            start++;
        }

        // Where all of it is white space, both ends take it all
        while (Right && end > start && CharacterProperties.WhiteSpace.Contains(span[end - 1]))
        {
            end--;
        }

        if (start == 0 && end == span.Length)
        {
            return text;
        }

        // No white space is outside of the first plane, so the ends divide no surrogate pair
        TextRewriter rewriter = new(text);
        rewriter.Skip(start);
        rewriter.Copy(span[start..end]);
        return rewriter.ToText();
    }
}
