using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>Takes a character off the ends of every token.</summary>
/// <param name="Content">The character.</param>
/// <param name="Start">How many of it at most at the start.</param>
/// <param name="Stop">How many of it at most at the end.</param>
internal sealed record StripDecoder(Rune Content, int Start, int Stop) : IDecoder
{
    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        string content = Content.ToString();
        for (int at = 0; at < tokens.Count; at++)
        {
            string token = tokens[at];
            int from = 0;
            for (int taken = 0; taken < Start && token.AsSpan(from).StartsWith(content, StringComparison.Ordinal); taken++)
            {
                from += content.Length;
            }

            int to = token.Length;
            for (int taken = 0; taken < Stop && token.AsSpan(from, to - from).EndsWith(content, StringComparison.Ordinal); taken++)
            {
                to -= content.Length;
            }

            tokens[at] = token[from..to];
        }
    }
}
