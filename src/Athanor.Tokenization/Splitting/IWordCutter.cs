using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Splitting;

/// <summary>A pre-tokenizer that finds one word after another and leaves out what is between them.</summary>
internal interface IWordCutter : IPreTokenizer
{
    /// <summary>Finds the next word.</summary>
    /// <param name="text">The text, without unpaired surrogates.</param>
    /// <param name="at">Where to look from; afterwards where the word ends.</param>
    /// <param name="start">Where it begins.</param>
    /// <returns>Whether there is one.</returns>
    bool NextWord(ReadOnlySpan<char> text, ref int at, out int start);

    /// <inheritdoc/>
    void IPreTokenizer.PreTokenize(PreTokenizedText text) => text.Cut((part, parts) =>
    {
        for (int at = 0; NextWord(part.Span, ref at, out int start);)
        {
            parts.Add(new TextPart(part.Slice(start, at - start)));
        }
    });
}
