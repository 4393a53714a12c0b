using System.Text;
using System.Text.RegularExpressions;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Splitting;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed partial class WordSplitterTests
{
    // What the alternatives tell apart: letters, digits, blanks, line ends, quotes, marks, and characters beyond the first plane
    private static readonly string[] Pieces =
        ["a", "B", "é", "中", "s", "T", "ll", "ve", "re", "ſ", "K", "1", "23", "٣", "½", "Ⅷ", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u0085", "\u2028", "\u3000", "\u200B", "'", "''", "\"", ".", "...", "_", "\u0301", "\uFFFD", "𝐀", "𝟘", "🙂", "👩‍👧", "\uD83D", "\uDE42", "\0"];

    [Fact]
    public void It_cuts_as_the_expression_does()
    {
        Prop.ForAll(Gen.ArrayOf(Gen.Elements(Pieces)).ToArbitrary(), pieces =>
        {
            string text = string.Concat(pieces);
            Assert.Equal(ByExpression(text), Split(text));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithEndSize(30));
    }

    [Fact]
    public void It_cuts_any_text_as_the_expression_does()
    {
        RandomStream random = new RandomStreams(3).Open("splitter");
        for (int round = 0; round < 3000; round++)
        {
            StringBuilder text = new();
            for (int at = random.NextInt32(20); at >= 0; at--)
            {
                text.Append((char)random.NextInt32(random.NextInt32(2) == 0 ? 128 : 65536));
            }

            Assert.Equal(ByExpression(text.ToString()), Split(text.ToString()));
        }
    }

    [Theory]
    [InlineData("7 + 8 - 13 = ?", "7", " +", " 8", " -", " 13", " =", " ?")]
    [InlineData("12345", "12", "34", "5")]
    [InlineData("Don't WE'LL", "Don", "'t", " WE", "'LL")]
    [InlineData("a  b\n\n  c ", "a", " ", " b", "\n\n", " ", " c", " ")]
    [InlineData("x(List<T>);\r\n", "x", "(List", "<T", ">);\r\n")]
    public void Words_are_what_people_expect(string text, params string[] words) => Assert.Equal(words, Split(text));

    private static List<string> Split(string text)
    {
        List<string> words = [];
        for (int start = 0; start < text.Length;)
        {
            int end = WordSplitter.Next(text, start);
            words.Add(text[start..end]);
            start = end;
        }

        return words;
    }

    // .NET's expressions see UTF-16 units: each pair stands for a character of its kind in the first plane while they cut
    private static List<string> ByExpression(string text)
    {
        StringBuilder flat = new();
        List<int> starts = [];
        for (int at = 0; at < text.Length;)
        {
            starts.Add(at);
            Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int width);
            flat.Append(width == 1 ? (char.IsSurrogate(text[at]) ? '\uFFFD' : text[at]) : Rune.IsLetter(rune) ? 'Ж' : Rune.IsNumber(rune) ? '٣' : '☂');
            at += width;
        }

        starts.Add(text.Length);
        List<string> words = [];
        int covered = 0;
        foreach (Match match in Expression().Matches(flat.ToString()))
        {
            Assert.Equal(covered, match.Index);
            covered += match.Length;
            words.Add(text[starts[match.Index]..starts[covered]]);
        }

        Assert.Equal(flat.Length, covered);
        return words;
    }

    [GeneratedRegex(WordSplitter.Pattern)]
    private static partial Regex Expression();
}
