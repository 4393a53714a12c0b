using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Leaves out all marks (general category M of Unicode 9.0). Accents of composed letters are only gone after a decomposition.</summary>
internal sealed record StripAccentsNormalizer : INormalizer
{
    private static readonly Func<int, int> WithoutMarks = code => CharacterProperties.CombiningMarks.Contains(code) ? CharacterFilter.Removed : code;

    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text) => CharacterFilter.Rewrite(text, WithoutMarks);

    /// <inheritdoc/>
    public void Rewrite(PlainText text) => CharacterFilter.Rewrite(text, WithoutMarks);
}
