using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Splitting.Expressions;
using Xunit;

namespace Athanor.Tests.Tokenization.Splitting;

// What is expected here is what Oniguruma 6.9.10 gives
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("(?i)straße", "Straße STRASSE straẞe", "Straße|STRASSE|straẞe")]
    [InlineData("(?i:'s|'t)", "it'ſ don'T a", "'ſ|'T")]
    [InlineData("(?i)[ß]x", "SSx ßX ẞx", "SSx|ßX|ẞx")]
    [InlineData(@"(?<=[a-z])[A-Z]|(?<!\d)\d++", "aXbYc 12 x3", "X|Y|12|3")]
    [InlineData(@"\w+", "x½y ² а\u0301б", "x½y|²|а\u0301б")]
    [InlineData(@"[\w]+", "x½y ²", "x|y")]
    [InlineData(@"\R", "one\r\ntwo\n\u2028", "\r\n|\n|\u2028")]
    [InlineData("^.", "one\ntwo\n", "o|t")]
    [InlineData(".$", "one\r\ntwo\n", "\r|o")]
    [InlineData(@".\Z", "one\ntwo\n", "o")]
    [InlineData(@"\Aa|b\z", "aab b", "a|b")]
    [InlineData("a{,}|{", "a{,}b{", "a{,}|{")]
    [InlineData("[a-z&&[^b]]|[[:digit:]]+", "ab12ab", "a|12|a")]
    [InlineData("[]a]|[^]b-]", "]ab-c", "]|a|c")]
    [InlineData("a(?i)B|1", "aB 1 ab a1", "aB|ab|a1")]
    [InlineData("(?x) a b # c", "ab", "ab")]
    [InlineData(@"\x61\x{62 31}", "ab1", "ab1")]
    [InlineData(@"\xE2\x96\x81", "a▁b", "▁")]
    [InlineData("a{2}+", "aaaaa", "aaaa")]
    [InlineData("a{3,2}a", "aaaa", "aaaa")]
    [InlineData(@"[^""]*?b", "aab b", "aab| b")]
    [InlineData(@"\p{Han}+|[😀-😂]", "日本▁語😁", "日本|語|😁")]
    [InlineData(@"\p{^L}\P{^Lu}", "1A2b", "1A")]
    [InlineData(@"\X", "e\u0301👩‍💻\r\n", "e\u0301|👩‍💻|\r\n")]
    [InlineData(@"foo\Kbar", "foobar", "bar")]
    [InlineData("(?>fo|foo)b|(?<n>o+)", "foobfob", "oo|fob")]
    [InlineData(@"\h+\H", "c0ffee!", "c0ffee!")]
    [InlineData(@"\s+(?!\S)|\s+", "a   b \u0085\u180E", "  | | |\u0085")]
    [InlineData("(?m:.)", "\n", "\n")]
    [InlineData("(?:a|)+b", "aab", "aab")]
    public void It_finds_what_Oniguruma_finds(string pattern, string text, string expected)
    {
        List<TextMatch> matches = [];
        Expression.Parse(pattern).FindMatches(text, matches);
        Assert.Equal(expected, string.Join('|', matches.Select(match => text[match.Start..match.End])));
    }

    [Theory]
    [InlineData("a??", "0-0 1-1 2-2")]
    [InlineData("(a*)*", "0-2")]
    [InlineData(@"\b", "0-0 2-2")]
    [InlineData("(?=a)", "0-0 1-1")]
    public void An_empty_match_does_not_stand_where_another_ended(string pattern, string expected)
    {
        List<TextMatch> matches = [];
        Expression.Parse(pattern).FindMatches("aa", matches);
        Assert.Equal(expected, string.Join(' ', matches.Select(match => $"{match.Start}-{match.End}")));
    }

    [Theory]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[b-a]")]
    [InlineData("*a")]
    [InlineData("a|+")]
    [InlineData(@"\p{Nonsense}")]
    [InlineData(@"\p{L")]
    [InlineData("[[:nonsense:]]")]
    [InlineData(@"\x{110000}")]
    [InlineData(@"a\")]
    [InlineData("a{100001}")]
    [InlineData("((a{1000}){1000}){1000}")]
    [InlineData(@"(a)\1")]
    [InlineData(@"(?<n>a)\k<n>")]
    [InlineData(@"\g<0>")]
    [InlineData("(?~a)")]
    [InlineData("(?(1)a|b)")]
    [InlineData("(?<=(?>a|bc))d")]
    [InlineData(@"\xE2\x96")]
    public void What_is_no_expression_or_is_not_read_is_refused(string pattern) => Assert.Throws<AthanorException>(() => Expression.Parse(pattern));

    [Fact]
    public void A_thousand_open_groups_are_refused() => Assert.Throws<AthanorException>(() => Expression.Parse(new string('(', 100_000)));

    [Theory]
    [InlineData("(?:a+)+b")]
    [InlineData("(a|a)*c")]
    [InlineData("(?>a*)b")]
    [InlineData("(?=a*b)")]
    [InlineData("(?<=ba*)c")]
    [InlineData("(.*),(.*),(.*)b")]
    [InlineData("a*?b|(?!a*c)c")]
    public void A_long_run_takes_no_more_than_linear_time(string pattern)
    {
        // Quadratic would take minutes
        List<TextMatch> matches = [];
        Expression.Parse(pattern).FindMatches(new string('a', 200_000), matches);
        Assert.Empty(matches);
    }

    [Fact]
    public void What_failed_may_be_remembered_from_the_beginning_or_never()
    {
        int found = 0;
        for (int round = 0; round < 400; round++)
        {
            RandomStream random = new RandomStreams(13).Open("expressions", round);
            string pattern = RandomExpression(random, 2);
            Expression expression = Expression.Parse(pattern);
            for (int texts = 0; texts < 10; texts++)
            {
                string text = RandomText.Make(random) + RandomText.Make(random);
                List<TextMatch> never = [], always = [];
                expression.FindMatches(text, never, long.MaxValue);
                expression.FindMatches(text, always, 0);
                Assert.True(never.SequenceEqual(always), $"{pattern} on {text}");
                found += never.Count;
                Assert.All(never.Zip(never.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
            }
        }

        Assert.True(found > 5_000);
    }

    [Fact]
    public void Broken_expressions_are_read_or_refused()
    {
        const string sound = @"(?i:'s|[^\r\n\p{L}&&[a-z]]?+\p{N}{1,3}|(?<=x)(?!\S)|\s*[\r\n]+?|(?<n>[[:alpha:]-]*)\x{41}\u0041)";
        const string letters = @"()[]{}?*+|\^$.-:=!<>&#,0129abdpPxuKXRiLN '";
        for (int round = 0; round < 600; round++)
        {
            RandomStream random = new RandomStreams(14).Open("mutations", round);
            StringBuilder pattern = new(sound);
            for (int left = random.NextInt32(1, 5); left > 0; left--)
            {
                int at = random.NextInt32(pattern.Length);
                if (random.NextInt32(2) == 0)
                {
                    pattern.Remove(at, Math.Min(random.NextInt32(1, 6), pattern.Length - at));
                }
                else
                {
                    pattern.Insert(at, letters[random.NextInt32(letters.Length)]);
                }
            }

            try
            {
                Expression.Parse(pattern.ToString()).FindMatches("It's x1234 Aa\r\n ", []);
            }
            catch (AthanorException)
            {
                // Refused with a reason
            }
        }
    }

    private static string RandomExpression(RandomStream random, int depth)
    {
        string[] atoms = ["a", "b", "e", "é", " ", ".", @"\w", @"\d", @"\s", @"\S", @"\p{L}", @"\p{^L}", "[a-c]", "[^a]", "[^\r\n\\p{L}]", @"\b", "^", "$", "12", "日", "😀", "(?i:ss)"];
        string[] quantifiers = ["", "", "", "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{0,2}?"];
        StringBuilder expression = new();
        for (int left = random.NextInt32(1, 4); left > 0; left--)
        {
            string atom = atoms[random.NextInt32(atoms.Length)];
            if (depth > 0 && random.NextInt32(2) == 0)
            {
                string inner = RandomExpression(random, depth - 1);
                atom = random.NextInt32(6) switch
                {
                    0 => $"(?={inner})",
                    1 => $"(?!{inner})",
                    2 => $"(?>{inner})",
                    3 => "(?<=a*[bé])",
                    _ => $"(?:{inner}|{atom})",
                };
            }

            expression.Append(atom);
            if (!atom.StartsWith("(?=", StringComparison.Ordinal) && !atom.StartsWith("(?!", StringComparison.Ordinal) && !atom.StartsWith("(?<", StringComparison.Ordinal))
            {
                expression.Append(quantifiers[random.NextInt32(quantifiers.Length)]);
            }
        }

        return expression.ToString();
    }
}
