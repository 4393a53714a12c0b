using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Several normalizers, each working on what the one before it made.</summary>
/// <param name="Normalizers">The normalizers in order.</param>
internal sealed record NormalizerSequence(IReadOnlyList<INormalizer> Normalizers) : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text) => Normalizers.Aggregate(text, (current, normalizer) => normalizer.Normalize(current));

    /// <inheritdoc/>
    public void Rewrite(PlainText text)
    {
        for (int at = 0; at < Normalizers.Count; at++)
        {
            Normalizers[at].Rewrite(text);
        }
    }
}
