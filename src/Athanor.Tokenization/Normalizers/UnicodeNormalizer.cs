using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Brings a text into a normal form (Unicode Standard Annex #15; the tables of Unicode 9.0, as the reference has them).</summary>
/// <param name="Form">NFC, NFD, NFKC or NFKD.</param>
internal sealed record UnicodeNormalizer(NormalizationForm Form) : INormalizer
{
    private bool Compatibility => Form is NormalizationForm.FormKC or NormalizationForm.FormKD;

    private bool Composed => Form is NormalizationForm.FormC or NormalizationForm.FormKC;

    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        if (TextRewriter.KeepsAsItIs(text) && IsUnchanged(text.Span))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        Normalization.Normalize(text.Span, Compatibility, Composed, rewriter);
        return rewriter.ToText();
    }

    /// <inheritdoc/>
    public void Rewrite(PlainText text)
    {
        if (!IsUnchanged(text.Span))
        {
            Normalization.Normalize(text.Span, Compatibility, Composed, text);
            text.Take();
        }
    }

    // Below U+00A0 nothing decomposes, and up to U+0300 nothing composes
    private bool IsUnchanged(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('\0', Composed && !Compatibility ? '\u02FF' : '\u009F');
}
