using Athanor.Core.Errors;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Unigrams;
using Xunit;

namespace Athanor.Tests.Tokenization.Unigrams;

public sealed class NormalizationRulesTests
{
    [Theory]
    [InlineData("nfkc", "ﬁ①㍿Ｆ～ｶﾞ각e\u0301\t", "fi1株式会社F~ガ각é\t")]
    [InlineData("nmt_nfkc", "ﬁ\t\u0007～\u200Bx\uFEFF", "fi ～ x ")]
    [InlineData("nfkc_cf", "ÀﬀẞΣ", "àffßσ")]
    [InlineData("nmt_nfkc_cf", "Ｆ\nＦ～", "f f～")]
    public void Named_rules_rewrite_as_their_names_say(string name, string text, string expected)
    {
        NormalizerSpec spec = new() { Name = name, AddDummyPrefix = false, RemoveExtraWhitespaces = false, EscapeWhitespaces = false };
        spec.AddNamedRules();
        Utf8Text output = new();
        new SentencePieceNormalizer(spec, null, whitespaceAsSuffix: false).Normalize(System.Text.Encoding.UTF8.GetBytes(text), output, withOrigins: false);
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(output.Bytes));
    }

    [Fact]
    public void Identity_has_no_rules()
    {
        Assert.Empty(NormalizationRules.Named("identity"));
        Assert.Null(NormalizationRules.MapOf("identity"));
        Assert.Contains("nmt_nfkc", Assert.Throws<AthanorException>(() => NormalizationRules.Named("nfk")).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_names_code_points()
    {
        IReadOnlyDictionary<string, string> rules = NormalizationRules.Read(new StringReader("U+41 1F642\t62\t# comment\n43\t\n44"), "table");
        Assert.Equal(new Dictionary<string, string> { ["A🙂"] = "b", ["C"] = "", ["D"] = "" }, rules);
    }

    [Theory]
    [InlineData("41\t42\nxyz\t43", "line 2")]
    [InlineData("41\t42\n\t43", "line 2")]
    [InlineData("D800\t42", "line 1")]
    [InlineData("0\t42", "line 1")]
    public void A_broken_table_is_refused_with_its_line(string table, string place) =>
        Assert.Contains(place, Assert.Throws<AthanorException>(() => NormalizationRules.Read(new StringReader(table), "table")).Message, StringComparison.Ordinal);

    [Fact]
    public void Rules_that_shorter_ones_make_needless_are_dropped() =>
        Assert.Equal(
            ["a", "ac"],
            NormalizationRules.WithoutRedundant(new Dictionary<string, string> { ["a"] = "x", ["ab"] = "xb", ["ac"] = "y" }).Keys.Order(StringComparer.Ordinal));
}
