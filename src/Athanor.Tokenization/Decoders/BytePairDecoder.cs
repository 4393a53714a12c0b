using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>Turns the mark at the ends of words into a space, and into nothing in the last token.</summary>
/// <param name="Suffix">The mark, mostly <c>&lt;/w&gt;</c>.</param>
internal sealed record BytePairDecoder(string Suffix = "</w>") : IDecoder
{
    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        for (int at = 0; at < tokens.Count; at++)
        {
            tokens[at] = ReplaceDecoder.ReplaceAll(tokens[at], Suffix, at == tokens.Count - 1 ? "" : " ");
        }
    }
}
