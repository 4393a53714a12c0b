using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Replaces every match of a pattern.</summary>
/// <param name="Pattern">What to find.</param>
/// <param name="Content">What to put in its place.</param>
internal sealed record ReplaceNormalizer(TextPattern Pattern, string Content) : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text) => text.Replace(Pattern, Content);

    /// <inheritdoc/>
    public void Rewrite(PlainText text) => text.Replace(Pattern, Content);
}
