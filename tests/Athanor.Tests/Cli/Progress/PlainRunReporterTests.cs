using Athanor.Cli.Progress;
using Athanor.Core.Stages;
using Xunit;

namespace Athanor.Tests.Cli.Progress;

public sealed class PlainRunReporterTests
{
    [Fact]
    public void Progress_is_a_line_every_ten_seconds_and_one_at_the_end()
    {
        ManualClock clock = new();
        using StringWriter output = new() { NewLine = "\n" };
        using PlainRunReporter reporter = new(output, clock);
        using (IProgressTask task = reporter.Begin("pre-training", 100, "steps"))
        {
            for (int step = 0; step < 25; step++)
            {
                task.Report(step, $"loss {step}");
                clock.Advance(TimeSpan.FromSeconds(1));
            }
        }

        reporter.Warn("careful");
        Assert.Equal(
            "  pre-training: 10 % of 100 steps · 1 steps/s · 1 min 30 s left · loss 10\n  pre-training: 20 % of 100 steps · 1 steps/s · 1 min 20 s left · loss 20\n  pre-training: 24 steps in 25 s · loss 24\n  warning: careful\n",
            output.ToString());
    }
}
