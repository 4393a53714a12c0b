using Athanor.Tokenization.Normalizers;

namespace Athanor.Tokenization.Pipeline;

/// <summary>Rewrites a text before it is cut into words. Immutable, used by many threads at once.</summary>
internal interface INormalizer
{
    /// <summary>The rewritten text; every unit of it keeps the range of the original it came from.</summary>
    NormalizedText Normalize(NormalizedText text);

    /// <summary>Rewrites a text in the same way without telling where its characters came from; where a normalizer has its own, nothing is allocated.</summary>
    void Rewrite(PlainText text) => text.Set(Normalize(NormalizedText.From(text.Span.ToString())).Span);
}
