using Athanor.Cli.Commands;
using Athanor.Core.Errors;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class TimeBudgetTests
{
    [Theory]
    [InlineData("2h", 7200)]
    [InlineData("1.5h", 5400)]
    [InlineData("90min", 5400)]
    [InlineData("45m", 2700)]
    [InlineData("30 s", 30)]
    public void Times_are_read_as_people_write_them(string text, double seconds) => Assert.Equal(seconds, TimeBudget.Read(text).TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("h")]
    [InlineData("-2h")]
    [InlineData("0h")]
    [InlineData("3 days")]
    [InlineData("99999999999h")]
    public void What_is_no_length_of_time_is_refused(string text) => Assert.Contains("is no length of time", Assert.Throws<AthanorException>(() => TimeBudget.Read(text)).Message, StringComparison.Ordinal);
}
