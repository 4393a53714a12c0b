using System.Text;
using Athanor.Reporting;
using Athanor.Tests.Generation;
using Athanor.Tokenization.Comparison;
using Xunit;

namespace Athanor.Tests.Tokenization.Comparison;

public sealed class TokenizerComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Counts_are_those_of_a_tokenizer_of_single_bytes()
    {
        TokenizerComparison bytes = Compare();
        Assert.Equal([("one", 2L, 18L, 3L, 18L), ("two", 1L, 9L, 3L, 9L)], bytes.Sources.Select(one => (one.Name, one.Documents, one.Bytes, one.Words, one.Tokens)));
        Assert.Equal(["Cyrillic", "Han", "Latin"], bytes.ByScript.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.All(bytes.Sources, one => Assert.Equal(1, one.BytesPerToken));
        int different = Encoding.UTF8.GetBytes("two wordsслов.日本国").Distinct().Count();
        Assert.Equal((different, 256 - different), (bytes.Whole.DifferentTokens, bytes.UnusedTokens));
        Assert.True(bytes.RareTokens > 0 && bytes.Seconds > 0);
    }

    [Theory]
    [InlineData("two words", 2)]
    [InlineData(" a\n b ", 2)]
    [InlineData("", 0)]
    [InlineData("日本語 text", 4)]
    public void Words_stand_between_spaces_and_ideographs_alone(string text, long words) => Assert.Equal(words, TokenizerComparison.CountWords(text));

    [Theory]
    [InlineData("Plain words.", "Latin")]
    [InlineData("Слова and слова", "Cyrillic")]
    [InlineData("日本のことば", "Japanese")]
    [InlineData("中文", "Han")]
    [InlineData("123 + 4", "none")]
    public void The_script_is_that_of_most_letters(string text, string script) => Assert.Equal(script, TokenizerComparison.ScriptOf(text));

    [Fact]
    public async Task The_page_shows_every_source_and_runs_nothing()
    {
        string path = _folder["page.html"];
        await TokenizerComparisonPage.WriteAsync(path, [Compare(), Compare() with { Name = "<script>alert(1)</script>" }]);
        string page = File.ReadAllText(path);
        Assert.Contains("one", page, StringComparison.Ordinal);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    private static TokenizerComparison Compare()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("");
        return TokenizerComparison.Of("bytes", model.Tokenizer, [("one", "two words"), ("one", "слов."), ("two", "日本国")], TestContext.Current.CancellationToken);
    }
}
