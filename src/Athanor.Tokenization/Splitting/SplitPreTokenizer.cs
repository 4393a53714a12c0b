using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts where a pattern matches.</summary>
/// <param name="Pattern">What to find.</param>
/// <param name="Behavior">What happens to what is found.</param>
/// <param name="Invert">Whether what is found are the words, and what is between them separates.</param>
internal sealed record SplitPreTokenizer(TextPattern Pattern, SplitBehavior Behavior, bool Invert = false) : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        List<TextMatch> matches = [];
        text.Cut((part, parts) =>
        {
            matches.Clear();
            Pattern.FindMatches(part.Span, matches);
            TextCutter.Cut(part, matches, Behavior, Invert, parts);
        });
    }
}
