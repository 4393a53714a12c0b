using System.Globalization;

namespace Athanor.Tokenization.Splitting;

/// <summary>
/// Cuts text into the words within which byte pairs are merged. It does what <see cref="Pattern"/> does in one pass; code points are classified, as
/// Oniguruma does, where .NET's own expressions would see the halves of a surrogate pair. An unpaired surrogate counts as U+FFFD.
/// </summary>
internal static class WordSplitter
{
    /// <summary>
    /// The GPT-4 (cl100k) pattern with two changes: a number is at most two digits and takes the space before it, so that " 0" to " 99" can be single
    /// tokens; and the contractions spell out both cases, because engines disagree on what else folds to <c>s</c>.
    /// </summary>
    public const string Pattern =
        @"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Kind[] Kinds = BuildKinds();

    private enum Kind : byte
    {
        Other,
        Letter,
        Number,
        Space,
        Surrogate,
    }

    /// <summary>Where the word that begins at <paramref name="start"/> ends. Each character is looked at a bounded number of times over all calls.</summary>
    public static int Next(ReadOnlySpan<char> text, int start)
    {
        char first = text[start];
        int next = start + 1;
        switch (KindAt(text, start, out int width))
        {
            case Kind.Letter:
                return SkipLetters(text, start + width);
            case Kind.Number:
                return SkipNumber(text, start + width);
            case Kind.Space:
                if (first is not ('\r' or '\n') && next < text.Length)
                {
                    Kind following = KindAt(text, next, out width);
                    if (following == Kind.Letter)
                    {
                        return SkipLetters(text, next + width);
                    }

                    if (first == ' ' && following == Kind.Number)
                    {
                        return SkipNumber(text, next + width);
                    }

                    if (first == ' ' && following == Kind.Other)
                    {
                        return SkipOthers(text, next + width);
                    }
                }

                return SkipSpaces(text, start);
            default:
                if (first == '\'' && Contraction(text[next..]) is int letters and > 0)
                {
                    return next + letters;
                }

                int after = start + width;
                return after < text.Length && KindAt(text, after, out width) == Kind.Letter
                    ? SkipLetters(text, after + width)
                    : SkipOthers(text, after);
        }
    }

    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        int first = text[0] | 0x20;
        if (text[0] < 0x80 && first is 's' or 'd' or 'm' or 't')
        {
            return 1;
        }

        if (text.Length < 2 || text[0] >= 0x80 || text[1] >= 0x80)
        {
            return 0;
        }

        return (first, text[1] | 0x20) is ('l', 'l') or ('v', 'e') or ('r', 'e') ? 2 : 0;
    }

    private static int SkipLetters(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && KindAt(text, at, out int width) == Kind.Letter)
        {
            at += width;
        }

        return at;
    }

    private static int SkipNumber(ReadOnlySpan<char> text, int at) =>
        at < text.Length && KindAt(text, at, out int width) == Kind.Number ? at + width : at;

    private static int SkipOthers(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && KindAt(text, at, out int width) == Kind.Other)
        {
            at += width;
        }

        while (at < text.Length && text[at] is '\r' or '\n')
        {
            at++;
        }

        return at;
    }

    private static int SkipSpaces(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        int afterLineEnd = 0;
        while (end < text.Length && Kinds[text[end]] == Kind.Space)
        {
            if (text[end++] is '\r' or '\n')
            {
                afterLineEnd = end;
            }
        }

        if (afterLineEnd > 0)
        {
            return afterLineEnd;
        }

        // The last space before a word belongs to the word
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int at, out int width)
    {
        width = 1;
        Kind kind = Kinds[text[at]];
        if (kind != Kind.Surrogate)
        {
            return kind;
        }

        if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            width = 2;
            return KindOf(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(text[at], text[at + 1])));
        }

        return Kind.Other;
    }

    private static Kind KindOf(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => Kind.Letter,
        >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber => Kind.Number,
        _ => Kind.Other,
    };

    private static Kind[] BuildKinds()
    {
        Kind[] kinds = new Kind[char.MaxValue + 1];
        for (int code = 0; code < kinds.Length; code++)
        {
            char character = (char)code;
            kinds[code] = char.IsSurrogate(character) ? Kind.Surrogate
                : char.IsWhiteSpace(character) ? Kind.Space
                : KindOf(char.GetUnicodeCategory(character));
        }

        return kinds;
    }
}
