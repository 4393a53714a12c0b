using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Brings a text into a normal form (Unicode Standard Annex #15; the tables of Unicode 9.0, as the reference has them).</summary>
/// <param name="Form">NFC, NFD, NFKC or NFKD.</param>
internal sealed record UnicodeNormalizer(NormalizationForm Form) : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        bool compatibility = Form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        bool composed = Form is NormalizationForm.FormC or NormalizationForm.FormKC;

        // Below U+00A0 nothing decomposes, and up to U+0300 nothing composes
        if (TextRewriter.KeepsAsItIs(text) && !text.Span.ContainsAnyExceptInRange('\0', composed && !compatibility ? '\u02FF' : '\u009F'))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        Normalization.Normalize(text.Span, compatibility, composed, rewriter.Add);
        return rewriter.ToText();
    }
}
