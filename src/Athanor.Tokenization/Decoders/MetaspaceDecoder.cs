using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Decoders;

/// <summary>Turns the mark for a space back into a space; in the first token into nothing, where encoding put one there.</summary>
/// <param name="Replacement">The mark, mostly <c>▁</c>.</param>
/// <param name="PrependScheme">Whether encoding puts a mark at the beginning.</param>
/// <param name="Split">Kept for the file; decoding does not look at it.</param>
internal sealed record MetaspaceDecoder(Rune Replacement, PrependScheme PrependScheme = PrependScheme.Always, bool Split = true) : IDecoder
{
    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        string mark = Replacement.ToString();
        for (int at = 0; at < tokens.Count; at++)
        {
            tokens[at] = tokens[at].Replace(mark, at == 0 && PrependScheme != PrependScheme.Never ? "" : " ", StringComparison.Ordinal);
        }
    }
}
