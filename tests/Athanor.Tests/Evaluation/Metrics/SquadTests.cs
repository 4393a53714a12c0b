using Athanor.Evaluation.Metrics;
using Xunit;

namespace Athanor.Tests.Evaluation.Metrics;

public sealed class SquadTests
{
    [Theory]
    [InlineData("The Eiffel  Tower!", "eiffel tower")]
    [InlineData("theatre and another", "theatre and another")]
    [InlineData("a+b = c", "ab c")]
    [InlineData("the", "")]
    [InlineData("Zwölf\tBoxkämpfer", "zwölf boxkämpfer")]
    public void Normalisation_drops_case_punctuation_and_articles(string text, string normal) => Assert.Equal(normal, Squad.Normalize(text));

    [Fact]
    public void The_best_reference_counts()
    {
        Assert.Equal(1, Squad.ExactMatch("1066", ["1066 AD", "1066"]));
        Assert.Equal(0, Squad.ExactMatch("1067", ["1066 AD", "1066"]));
        Assert.Equal(0.8, Squad.F1("in 1,066 A.D.", ["1066 AD", "1066"]), 12);
    }

    [Fact]
    public void A_word_is_shared_no_more_often_than_the_reference_has_it() => Assert.Equal(0.5, Squad.F1("river river river", ["river"]), 12);

    [Theory]
    [InlineData("", "", 1)]
    [InlineData("the", "a", 1)]
    [InlineData("", "river", 0)]
    public void Without_words_two_sides_agree_only_if_both_have_none(string answer, string reference, double expected) => Assert.Equal(expected, Squad.F1(answer, [reference]));
}
