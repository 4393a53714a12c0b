using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Puts something in front of every text that is not empty.</summary>
/// <param name="Prefix">What.</param>
internal sealed record PrependNormalizer(string Prefix) : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text) => text.Prepend(Prefix);
}
