using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts into runs of word characters and runs of others; white space goes. It is what <c>\w+|[^\w\s]+</c> finds.</summary>
internal sealed record WhitespacePreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        CodePointSet words = CharacterProperties.WordWithJoiners, spaces = CharacterProperties.WhiteSpace;
        text.Cut((part, parts) =>
        {
            ReadOnlySpan<char> span = part.Span;
            int start = 0, kind = 0;
            for (int at = 0; at < span.Length;)
            {
                int code = span[at];
                int width = char.IsHighSurrogate(span[at]) ? 2 : 1;
                if (width == 2)
                {
                    code = char.ConvertToUtf32(span[at], span[at + 1]);
                }

                int next = words.Contains(code) ? 1 : spaces.Contains(code) ? 0 : 2;
                if (next != kind)
                {
                    if (kind != 0)
                    {
                        parts.Add(new TextPart(part.Slice(start, at - start)));
                    }

                    (start, kind) = (at, next);
                }

                at += width;
            }

            if (kind != 0)
            {
                parts.Add(new TextPart(part.Slice(start, span.Length - start)));
            }
        });
    }
}
