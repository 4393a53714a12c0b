using Athanor.Evaluation.Metrics;
using Xunit;

namespace Athanor.Tests.Evaluation.Metrics;

public sealed class FinalAnswerTests
{
    [Theory]
    [InlineData("7 + 8 = 15 ; 15 - 3 = 12 ; answer 12", "12")]
    [InlineData("answer 3 ; no, answer 4 ", "4")]
    [InlineData("answer ", "")]
    [InlineData("12", null)]
    [InlineData("", null)]
    public void It_is_what_follows_the_last_marker(string text, string? expected) => Assert.Equal(expected, FinalAnswer.In(text));
}
