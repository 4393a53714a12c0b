using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Splitting;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class WordPatternTests
{
    // What the alternatives tell apart: letters of each case, digits, blanks, line ends, quotes, marks, and characters beyond the first plane
    private static readonly string[] Pieces =
    [
        "a", "B", "é", "Ж", "中", "ǅ", "ʰ", "s", "S", "t", "ll", "LL", "ve", "Re", "m", "D", "ſ", "K", "1", "23", "456", "٣", "½", "Ⅷ", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u0085", "\u2028",
        "\u3000", "\u200B", "'", "''", "\"", ".", "...", "/", "//", "_", "\u0301", "\u0301\u0302", "\uFFFD", "𝐀", "𝐚", "𠀀", "𝟘", "𐨁", "🙂", "👩‍👧", "\uD83D", "\uDE42", "\0",
    ];

    public static TheoryData<string> Expressions =>
        [Gpt2Pattern.Expression, Cl100kPattern.Expression, Qwen2Pattern.Expression, O200kPattern.Expression, AthanorPattern.Expression];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void A_splitter_by_hand_cuts_as_its_expression_does(string expression)
    {
        Regex[] alternatives = Alternatives(expression);
        RandomStream random = new RandomStreams(7).Open("patterns");
        for (int round = 0; round < 2500; round++)
        {
            string text = RandomText(random, round);
            List<string> expected = ByExpression(alternatives, text);
            Assert.Equal(expected, Split(expression, text));
            Assert.Equal(expected.Select(Mended), SplitUtf8(expression, Encoding.UTF8.GetBytes(text)));
        }
    }

    [Fact]
    public void The_small_table_says_what_the_large_one_says()
    {
        for (uint code = 0; code < 128; code++)
        {
            Assert.Equal(CharacterClasses.OfPlane0(code), CharacterClasses.OfAscii(code));
        }
    }

    [Theory]
    [MemberData(nameof(Expressions))]
    public void A_long_run_of_anything_is_cut_in_linear_time(string expression)
    {
        // Quadratic work over these would take hours
        foreach (string piece in Pieces)
        {
            Assert.Equal(2000 * piece.Length, Split(expression, string.Concat(Enumerable.Repeat(piece, 2000))).Sum(word => word.Length));
        }

        Assert.Equal(500_000, Split(expression, new string('A', 499_999) + "a").Sum(word => word.Length));
        Assert.Equal(500_000, Split(expression, new string(' ', 500_000)).Sum(word => word.Length));
    }

    // One expression an alternative, the first that matches counts: .NET's optimizer loses matches of GPT-4o's as a whole
    private static Regex[] Alternatives(string expression)
    {
        string explicitly = expression.Replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "(?:'[sSſ]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])", StringComparison.Ordinal);
        List<string> alternatives = [""];
        int depth = 0;
        foreach (char character in explicitly)
        {
            depth += character is '(' or '[' ? 1 : character is ')' or ']' ? -1 : 0;
            if (character == '|' && depth == 0)
            {
                alternatives.Add("");
            }
            else
            {
                alternatives[^1] += character;
            }
        }

        return [.. alternatives.Select(alternative => new Regex(@"\G(?:" + alternative + ")"))];
    }

    private static string RandomText(RandomStream random, int round)
    {
        StringBuilder text = new();
        for (int at = random.NextInt32(24); at >= 0; at--)
        {
            switch (round % 3)
            {
                case 0:
                    text.Append(Pieces[random.NextInt32(Pieces.Length)]);
                    break;
                case 1:
                    text.Append((char)random.NextInt32(random.NextInt32(2) == 0 ? 128 : 65536));
                    break;
                default:
                    int code = random.NextInt32(0x20000);
                    text.Append(code is >= 0xD800 and < 0xE000 ? "\uFFFD" : char.ConvertFromUtf32(code));
                    break;
            }
        }

        return text.ToString();
    }

    private static List<string> Split(string expression, string text)
    {
        List<string> words = [];
        for (int start = 0; start < text.Length;)
        {
            int end = Next<char>(expression, text, start);
            words.Add(text[start..end]);
            start = end;
        }

        return words;
    }

    private static List<string> SplitUtf8(string expression, byte[] text)
    {
        List<string> words = [];
        for (int start = 0; start < text.Length;)
        {
            int end = Next<byte>(expression, text, start);
            words.Add(Encoding.UTF8.GetString(text[start..end]));
            start = end;
        }

        return words;
    }

    private static int Next<TUnit>(string expression, ReadOnlySpan<TUnit> text, int start)
        where TUnit : unmanaged => expression switch
        {
            Gpt2Pattern.Expression => Gpt2Pattern.Next(new TextUnits<TUnit>(text), start),
            Cl100kPattern.Expression => Cl100kPattern.Next(new TextUnits<TUnit>(text), start),
            Qwen2Pattern.Expression => Qwen2Pattern.Next(new TextUnits<TUnit>(text), start),
            O200kPattern.Expression => O200kPattern.Next(new TextUnits<TUnit>(text), start),
            _ => AthanorPattern.Next(new TextUnits<TUnit>(text), start),
        };

    private static string Mended(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    // .NET's expressions see UTF-16 units: each pair stands for a character of its category in the first plane while they cut
    private static List<string> ByExpression(Regex[] alternatives, string text)
    {
        StringBuilder flat = new();
        List<int> starts = [];
        for (int at = 0; at < text.Length;)
        {
            starts.Add(at);
            Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int width);
            flat.Append(width == 1 ? (char.IsSurrogate(text[at]) ? '\uFFFD' : text[at]) : StandIn(Rune.GetUnicodeCategory(rune)));
            at += width;
        }

        starts.Add(text.Length);
        List<string> words = [];
        int covered = 0;
        while (covered < flat.Length)
        {
            Match match = alternatives.Select(alternative => alternative.Match(flat.ToString(), covered)).First(match => match.Success);
            covered += match.Length;
            words.Add(text[starts[match.Index]..starts[covered]]);
        }

        return words;
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.LowercaseLetter => 'ж',
        UnicodeCategory.UppercaseLetter => 'Ж',
        UnicodeCategory.TitlecaseLetter => 'ǅ',
        UnicodeCategory.ModifierLetter => 'ʰ',
        UnicodeCategory.OtherLetter => '中',
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => '\u0301',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '٣',
        _ => '☂',
    };
}
