using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Normalizers;

/// <summary>The cleaning of BERT (Devlin et al. 2019): see its four settings. Categories of characters are those of Unicode 8.0, as the reference has them.</summary>
/// <param name="CleanText">Whether control, format and private-use characters, U+0000 and U+FFFD go and all white space becomes a space.</param>
/// <param name="HandleChineseCharacters">Whether ideographs get a space on both sides.</param>
/// <param name="StripAccents">Whether marks without width go, after a canonical decomposition; null: where the text is put in lower case.</param>
/// <param name="Lowercase">Whether the text is put in lower case.</param>
internal sealed record BertNormalizer(bool CleanText = true, bool HandleChineseCharacters = true, bool? StripAccents = null, bool Lowercase = true) : INormalizer
{
    private static readonly UnicodeNormalizer Decomposition = new(System.Text.NormalizationForm.FormD);
    private static readonly LowercaseNormalizer LowerCase = new();

    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        if (CleanText)
        {
            text = CharacterFilter.Keep(
                text,
                code => code is '\t' or '\n' or '\r' || !(code is 0 or 0xFFFD || CharacterProperties.BertOther.Contains(code)),
                code => CharacterProperties.WhiteSpace.Contains(code) ? ' ' : code);
        }

        if (HandleChineseCharacters)
        {
            text = SetIdeographsApart(text);
        }

        if (StripAccents ?? Lowercase)
        {
            text = CharacterFilter.Keep(Decomposition.Normalize(text), code => !CharacterProperties.BertNonspacingMarks.Contains(code));
        }

        return Lowercase ? LowerCase.Normalize(text) : text;
    }

    private static NormalizedText SetIdeographsApart(NormalizedText text)
    {
        TextRewriter rewriter = new(text);
        foreach (System.Text.Rune character in text.Span.EnumerateRunes())
        {
            if (IsIdeograph(character.Value))
            {
                rewriter.Add(' ', 0);
                rewriter.Add(character.Value, 1);
                rewriter.Add(' ', 1);
            }
            else
            {
                rewriter.Add(character.Value, 0);
            }
        }

        return rewriter.ToText();
    }

    // The blocks of BERT's own code; the gap after U+2B81F is the reference's
    private static bool IsIdeograph(int code) => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
