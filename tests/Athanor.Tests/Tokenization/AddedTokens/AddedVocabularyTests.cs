using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.WordLevels;
using Xunit;

namespace Athanor.Tests.Tokenization.AddedTokens;

public sealed class AddedVocabularyTests
{
    [Fact]
    public void The_leftmost_is_found_and_of_several_there_the_longest()
    {
        Assert.Equal(["x", "<ab>", "y", "<a"], Cut([new AddedToken("<a"), new AddedToken("<ab>"), new AddedToken("b>y")], "x<ab>y<a"));
        Assert.Equal(["aa", "a"], Cut([new AddedToken("aa"), new AddedToken("a")], "aaa"));
    }

    [Theory]
    [InlineData("don't cat!", true)]
    [InlineData("cat", true)]
    [InlineData("concat", false)]
    [InlineData("cats", false)]
    [InlineData("_cat", false)]
    [InlineData("7cat", false)]
    [InlineData("éclat cat", true)]
    [InlineData("数cat", false)]
    [InlineData("cat\u0301", false)]
    [InlineData("Ⓐcat", false)]
    [InlineData("🙂cat🙂", true)]
    public void A_single_word_has_no_letter_digit_or_underscore_beside_it(string text, bool found) =>
        Assert.Equal(found, Parts([new AddedToken("cat", SingleWord: true)], text).Any(part => part.TokenId >= 0));

    [Fact]
    public void White_space_beside_a_token_goes_along_where_it_says_so()
    {
        Assert.Equal(["a", " \n<m>", " b"], Cut([new AddedToken("<m>", LStrip: true)], "a \n<m> b"));
        Assert.Equal(["a ", "<m>\u3000 ", "b"], Cut([new AddedToken("<m>", RStrip: true)], "a <m>\u3000 b"));

        // What the token before took stays its own
        Assert.Equal(["<m>  ", "<l>"], Cut([new AddedToken("<m>", RStrip: true), new AddedToken("<l>", LStrip: true)], "<m>  <l>"));
    }

    [Fact]
    public void A_normalized_token_is_found_in_normalized_text_the_others_before()
    {
        AddedToken[] tokens = [new AddedToken("<S>"), new AddedToken("Day", Normalized: true, Special: false)];
        Assert.Equal(["<s>a ", "day", "<S>"], Cut(tokens, "<s>A DAY<S>", new LowercaseNormalizer()));
    }

    [Fact]
    public void Special_tokens_are_text_where_nobody_wants_them_recognised()
    {
        AddedVocabulary vocabulary = Vocabulary([new AddedToken("<s>"), new AddedToken("cat", Special: false)], null);
        Assert.Equal(["<s>", "cat"], vocabulary.Extract(NormalizedText.From("<s>cat"), null, withSpecial: false).Parts.Select(part => part.Text.ToString()));
        Assert.Equal(-1, vocabulary.Extract(NormalizedText.From("<s>cat"), null, withSpecial: false).Parts[0].TokenId);
        Assert.True(vocabulary.Extract(NormalizedText.From("<s>cat"), null, withSpecial: true).Parts[0].TokenId >= 0);
    }

    [Fact]
    public void A_token_keeps_the_id_it_has_in_the_vocabulary_the_others_follow_it()
    {
        AddedVocabulary vocabulary = Vocabulary([new AddedToken("<new>"), new AddedToken("b"), new AddedToken("<other>")], null);
        Assert.True(vocabulary.TryGetId("b", out int known) && known == 2);
        Assert.True(vocabulary.TryGetId("<new>", out int first) && first == 3);
        Assert.True(vocabulary.TryGetId("<other>", out int second) && second == 4);
    }

    [Fact]
    public void Six_thousand_tokens_and_a_megabyte_of_text_are_no_attack()
    {
        AddedToken[] tokens = [.. Enumerable.Range(0, 6000).Select(index => new AddedToken(new string('a', 1 + (index % 50)) + $"<{index}>"))];
        Assert.Equal(2, Parts(tokens, new string('a', 1 << 20) + "<49>").Count);
    }

    private static string[] Cut(AddedToken[] tokens, string text, INormalizer? normalizer = null) => [.. Parts(tokens, text, normalizer).Select(part => part.Text.ToString())];

    private static IReadOnlyList<TextPart> Parts(AddedToken[] tokens, string text, INormalizer? normalizer = null) =>
        Vocabulary(tokens, normalizer).Extract(NormalizedText.From(text), normalizer, withSpecial: true).Parts;

    private static AddedVocabulary Vocabulary(AddedToken[] tokens, INormalizer? normalizer) => new(tokens, new WordLevelModel(TokenVocabulary.From(["<unk>", "a", "b"]), "<unk>"), normalizer);
}
