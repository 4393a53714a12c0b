using System.Text;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Splitting;

/// <summary>Writes a mark for every space, puts one in front where there is none, and cuts before every mark (SentencePiece's way to keep spaces).</summary>
/// <param name="Replacement">The mark, mostly <c>▁</c>.</param>
/// <param name="PrependScheme">Where a mark is put in front.</param>
/// <param name="Split">Whether the text is cut.</param>
internal sealed record MetaspacePreTokenizer(Rune Replacement, PrependScheme PrependScheme = PrependScheme.Always, bool Split = true) : IPreTokenizer
{
    private static readonly TextPattern Space = TextPattern.OfString(" ");
    private readonly string _mark = Replacement.ToString();
    private readonly TextPattern _pattern = TextPattern.OfString(Replacement.ToString());

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        List<TextMatch> matches = [];
        text.Cut((part, parts) =>
        {
            NormalizedText marked = part.Replace(Space, _mark);
            bool prepend = PrependScheme == PrependScheme.Always || (PrependScheme == PrependScheme.First && marked.Original.Start == 0);
            if (prepend && !marked.Span.StartsWith(_mark, StringComparison.Ordinal))
            {
                marked = marked.Prepend(_mark);
            }

            if (!Split)
            {
                parts.Add(new TextPart(marked));
                return;
            }

            matches.Clear();
            _pattern.FindMatches(marked.Span, matches);
            TextCutter.Cut(marked, matches, SplitBehavior.MergedWithNext, invert: false, parts);
        });
    }
}
