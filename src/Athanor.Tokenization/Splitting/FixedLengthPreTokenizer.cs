using Athanor.Core.Errors;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts after every so many characters.</summary>
/// <param name="Length">How many code points a word has; the last may have fewer.</param>
/// <exception cref="AthanorException">The length is not positive.</exception>
internal sealed record FixedLengthPreTokenizer(int Length = 5) : IPreTokenizer
{
    /// <summary>How many code points a word has; the last may have fewer.</summary>
    public int Length { get; } = Length > 0 ? Length : throw new AthanorException($"pre-tokenizer FixedLength: words of {Length} characters", "give a length of 1 or more");

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) => text.Cut((part, parts) =>
    {
        ReadOnlySpan<char> span = part.Span;
        int start = 0;
        while (start < span.Length)
        {
            int end = start;
            for (int characters = 0; characters < Length && end < span.Length; characters++)
            {
                end += char.IsHighSurrogate(span[end]) ? 2 : 1;
            }

            parts.Add(new TextPart(part.Slice(start, end - start)));
            start = end;
        }
    });
}
