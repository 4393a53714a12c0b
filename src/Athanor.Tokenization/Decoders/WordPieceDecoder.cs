using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>Puts a space before every token that does not continue a word, and takes the continuation mark off those that do.</summary>
/// <param name="Prefix">The continuation mark, mostly <c>##</c>.</param>
/// <param name="Cleanup">Whether spaces before English punctuation and contractions are taken away (<see cref="Clean"/>).</param>
internal sealed record WordPieceDecoder(string Prefix = "##", bool Cleanup = true) : IDecoder
{
    /// <summary>Takes away the spaces that splitting English left before punctuation and in contractions, as Hugging Face does, in that order.</summary>
    public static string Clean(string text) => text.Contains(' ', StringComparison.Ordinal)
        ? text
            .Replace(" .", ".", StringComparison.Ordinal)
            .Replace(" ?", "?", StringComparison.Ordinal)
            .Replace(" !", "!", StringComparison.Ordinal)
            .Replace(" ,", ",", StringComparison.Ordinal)
            .Replace(" ' ", "'", StringComparison.Ordinal)
            .Replace(" n't", "n't", StringComparison.Ordinal)
            .Replace(" 'm", "'m", StringComparison.Ordinal)
            .Replace(" do not", " don't", StringComparison.Ordinal)
            .Replace(" 's", "'s", StringComparison.Ordinal)
            .Replace(" 've", "'ve", StringComparison.Ordinal)
            .Replace(" 're", "'re", StringComparison.Ordinal)
        : text;

    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        for (int at = 0; at < tokens.Count; at++)
        {
            string token = tokens[at];
            if (at > 0)
            {
                token = token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..] : " " + token;
            }

            tokens[at] = Cleanup ? Clean(token) : token;
        }
    }
}
