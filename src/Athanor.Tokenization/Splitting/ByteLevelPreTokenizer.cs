using System.Text;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts into words as GPT-2 does (Radford et al. 2019) and writes their bytes as the letters that stand for them.</summary>
/// <param name="AddPrefixSpace">Whether each part gets a space in front where it has none.</param>
/// <param name="TrimOffsets">Kept for the file; the post-processor looks at its own.</param>
/// <param name="UseExpression">Whether GPT-2's expression cuts; otherwise nothing is cut.</param>
internal sealed record ByteLevelPreTokenizer(bool AddPrefixSpace = true, bool TrimOffsets = true, bool UseExpression = true) : IPreTokenizer
{
    /// <summary>GPT-2's expression.</summary>
    public const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Lazy<TextPattern> Pattern = new(() => TextPattern.OfExpression(Expression));
    private static readonly ByteLevelNormalizer Letters = new();

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        List<TextMatch> matches = [];
        text.Cut((part, parts) =>
        {
            if (AddPrefixSpace && !part.Span.StartsWith(" ", StringComparison.Ordinal))
            {
                part = part.Prepend(" ");
            }

            // A byte, a letter: the expression leaves nothing between its matches, and each ends where so many letters have passed
            NormalizedText letters = Letters.Normalize(part);
            if (!UseExpression)
            {
                parts.Add(new TextPart(letters));
                return;
            }

            matches.Clear();
            Pattern.Value.FindMatches(part.Span, matches);
            int unit = 0, letter = 0;
            foreach (TextMatch match in matches)
            {
                int start = letter;
                letter += Encoding.UTF8.GetByteCount(part.Span[unit..match.End]);
                unit = match.End;
                parts.Add(new TextPart(letters.Slice(start, letter - start)));
            }
        });
    }
}
