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
    private static readonly Func<int, int> Cleaning = Clean;
    private static readonly Func<int, int> WithoutMarks = code => CharacterProperties.BertNonspacingMarks.Contains(code) ? CharacterFilter.Removed : code;

    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        if (CleanText)
        {
            text = CharacterFilter.Rewrite(text, Cleaning);
        }

        if (HandleChineseCharacters)
        {
            text = SetIdeographsApart(text);
        }

        if (StripAccents ?? Lowercase)
        {
            text = CharacterFilter.Rewrite(Decomposition.Normalize(text), WithoutMarks);
        }

        return Lowercase ? LowerCase.Normalize(text) : text;
    }

    /// <inheritdoc/>
    public void Rewrite(PlainText text)
    {
        if (CleanText)
        {
            CharacterFilter.Rewrite(text, Cleaning);
        }

        if (HandleChineseCharacters && MayHoldIdeographs(text.Span))
        {
            SetIdeographsApart(text.Span, text);
            text.Take();
        }

        if (StripAccents ?? Lowercase)
        {
            Decomposition.Rewrite(text);
            CharacterFilter.Rewrite(text, WithoutMarks);
        }

        if (Lowercase)
        {
            LowerCase.Rewrite(text);
        }
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
        if (TextRewriter.KeepsAsItIs(text) && !MayHoldIdeographs(text.Span))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        SetIdeographsApart(text.Span, rewriter);
        return rewriter.ToText();
    }

    // Those beyond the first plane begin with a surrogate
    private static bool MayHoldIdeographs(ReadOnlySpan<char> text) => text.ContainsAnyInRange('\u3400', '\uFAFF');

    private static void SetIdeographsApart(ReadOnlySpan<char> text, IRewriter rewriter)
    {
        int at = 0, copied = 0;
        foreach (System.Text.Rune character in text.EnumerateRunes())
        {
            if (IsIdeograph(character.Value))
            {
                rewriter.Copy(text[copied..at]);
                rewriter.Add(' ', 0);
                rewriter.Add(character.Value, 1);
                rewriter.Add(' ', 1);
                copied = at + character.Utf16SequenceLength;
            }

            at += character.Utf16SequenceLength;
        }

        rewriter.Copy(text[copied..]);
    }

    // The blocks of BERT's own code; the gap after U+2B81F is the reference's
    private static bool IsIdeograph(int code) => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
