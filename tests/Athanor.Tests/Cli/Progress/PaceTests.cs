using Athanor.Cli.Progress;
using Xunit;

namespace Athanor.Tests.Cli.Progress;

public sealed class PaceTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Steady_work_has_its_rate_and_the_time_that_is_left()
    {
        Pace pace = new(_clock, 1000);
        for (int done = 0; done <= 500; done += 10)
        {
            pace.Report(done);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10, pace.Rate, 1e-9);
        Assert.Equal(TimeSpan.FromSeconds(50), pace.Left);
        Assert.Equal(0.5, pace.Fraction);
    }

    [Fact]
    public void What_resumed_work_had_done_before_is_no_speed()
    {
        Pace pace = new(_clock, 1000);
        _clock.Advance(TimeSpan.FromSeconds(1));
        pace.Report(900);
        _clock.Advance(TimeSpan.FromSeconds(1));
        pace.Report(902);
        Assert.Equal(2, pace.Rate, 1e-9);
    }

    [Fact]
    public void Work_of_unknown_length_has_a_rate_and_no_end()
    {
        Pace pace = new(_clock, null);
        pace.Report(0);
        _clock.Advance(TimeSpan.FromSeconds(2));
        pace.Report(8);
        Assert.Equal(4, pace.Rate, 1e-9);
        Assert.Null(pace.Left);
        Assert.Null(pace.Fraction);
    }

    [Theory]
    [InlineData(0.24, "0.2 s")]
    [InlineData(59.2, "59 s")]
    [InlineData(61, "1 min 01 s")]
    [InlineData(7260, "2 h 01 min")]
    public void A_duration_is_said_as_people_say_it(double seconds, string expected)
        => Assert.Equal(expected, Quantities.Duration(TimeSpan.FromSeconds(seconds)));
}
