using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Leaves out all marks (general category M of Unicode 9.0). Accents of composed letters are only gone after a decomposition.</summary>
internal sealed record StripAccentsNormalizer : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text) => CharacterFilter.Rewrite(text, code => CharacterProperties.CombiningMarks.Contains(code) ? CharacterFilter.Removed : code);
}
