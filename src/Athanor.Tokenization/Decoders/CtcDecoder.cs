using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>
/// Reads the output of a connectionist temporal classification model (Graves et al. 2006): repeated tokens count once, the pad token (the blank between
/// two equal letters) is nothing, the delimiter is the space between words.
/// </summary>
/// <param name="PadToken">The blank.</param>
/// <param name="WordDelimiterToken">What stands for a space.</param>
/// <param name="Cleanup">Whether the delimiter is replaced and English punctuation is cleaned up (<see cref="WordPieceDecoder.Clean"/>).</param>
internal sealed record CtcDecoder(string PadToken = "<pad>", string WordDelimiterToken = "|", bool Cleanup = true) : IDecoder
{
    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        int kept = 0;
        string? previous = null;
        for (int at = 0; at < tokens.Count; at++)
        {
            string token = tokens[at];
            if (token == previous)
            {
                continue;
            }

            previous = token;
            string text = Remove(token, PadToken);
            if (Cleanup)
            {
                text = ReplaceDecoder.ReplaceAll(WordPieceDecoder.Clean(text), WordDelimiterToken, " ");
            }

            if (text.Length > 0)
            {
                tokens[kept++] = text;
            }
        }

        tokens.RemoveRange(kept, tokens.Count - kept);
    }

    private static string Remove(string text, string part) => part.Length == 0 ? text : text.Replace(part, "", StringComparison.Ordinal);
}
