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
            text = CharacterFilter.Rewrite(text, Clean);
        }

        if (HandleChineseCharacters)
        {
            text = SetIdeographsApart(text);
        }

        if (StripAccents ?? Lowercase)
        {
            CodePointSet marks = CharacterProperties.BertNonspacingMarks;
            text = CharacterFilter.Rewrite(Decomposition.Normalize(text), code => marks.Contains(code) ? CharacterFilter.Removed : code);
        }

        return Lowercase ? LowerCase.Normalize(text) : text;
    }

    private static int Clean(int code)
    {
        if (code is >= ' ' and < 0x7F)
        {
            return code;
        }

        if (code is 0 or 0xFFFD || (code is not ('\t' or '\n' or '\r') && CharacterProperties.BertOther.Contains(code)))
        {
            return CharacterFilter.Removed;
        }

        return CharacterProperties.WhiteSpace.Contains(code) ? ' ' : code;
    }

    private static NormalizedText SetIdeographsApart(NormalizedText text)
    {
        ReadOnlySpan<char> span = text.Span;
        if (TextRewriter.KeepsAsItIs(text) && !span.ContainsAnyInRange('\u3400', '\uFAFF'))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        int at = 0, copied = 0;
        foreach (System.Text.Rune character in span.EnumerateRunes())
        {
            if (IsIdeograph(character.Value))
            {
                rewriter.Copy(span[copied..at]);
                rewriter.Add(' ', 0);
                rewriter.Add(character.Value, 1);
                rewriter.Add(' ', 1);
                copied = at + character.Utf16SequenceLength;
            }

            at += character.Utf16SequenceLength;
        }

        rewriter.Copy(span[copied..]);
        return rewriter.ToText();
    }

    // The blocks of BERT's own code; the gap after U+2B81F is the reference's
    private static bool IsIdeograph(int code) => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
