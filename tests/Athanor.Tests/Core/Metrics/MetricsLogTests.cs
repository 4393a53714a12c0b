using Athanor.Core.Errors;
using Athanor.Core.Metrics;
using Xunit;

namespace Athanor.Tests.Core.Metrics;

public sealed class MetricsLogTests
{
    [Fact]
    public void What_was_appended_is_read_back()
    {
        using TemporaryFolder folder = new();
        using (MetricsLog log = new(folder["metrics.jsonl"], TimeProvider.System))
        {
            log.Append(1, new Dictionary<string, double> { ["train/loss"] = 2.5, ["train/strange"] = double.NaN });
            log.AppendText(2, "sample/0", "line\n\"quoted\"");
            log.Flush();
        }

        IReadOnlyList<MetricsEntry> entries = MetricsLog.Read(folder["metrics.jsonl"]);
        Assert.Equal(2, entries.Count);
        Assert.Equal(2.5, entries[0].Values["train/loss"]);
        Assert.True(double.IsNaN(entries[0].Values["train/strange"]));
        Assert.Equal("line\n\"quoted\"", entries[1].Texts["sample/0"]);
        Assert.Contains("\"train/strange\":null", File.ReadAllText(folder["metrics.jsonl"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_last_line_is_dropped_and_the_log_goes_on()
    {
        using TemporaryFolder folder = new();
        string path = folder["metrics.jsonl"];
        Append(path, 1, 2);
        File.AppendAllText(path, "{\"step\":3,\"sec");
        Assert.Equal(2, MetricsLog.Read(path).Count);
        Append(path, 3);
        Assert.Equal([1, 2, 3], MetricsLog.Read(path).Select(entry => entry.Step));
    }

    [Fact]
    public void Cutting_drops_what_is_later_than_the_step_and_time_goes_on_from_there()
    {
        using TemporaryFolder folder = new();
        string path = folder["metrics.jsonl"];
        ManualClock clock = new();
        using (MetricsLog log = new(path, clock))
        {
            for (int step = 1; step <= 4; step++)
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                log.Append(step, new Dictionary<string, double> { ["x"] = step });
            }
        }

        clock.Advance(TimeSpan.FromHours(5));
        using (MetricsLog log = new(path, clock))
        {
            log.CutAfter(2);
            clock.Advance(TimeSpan.FromSeconds(1));
            log.Append(3, new Dictionary<string, double> { ["x"] = 3 });
        }

        Assert.Equal([(1, 10.0), (2, 20.0), (3, 21.0)], MetricsLog.Read(path).Select(entry => (entry.Step, entry.Seconds)));
    }

    [Fact]
    public void A_malformed_line_is_named()
    {
        using TemporaryFolder folder = new();
        string path = folder["metrics.jsonl"];
        Append(path, 1);
        File.AppendAllText(path, "nonsense\n{\"step\":2,\"seconds\":1}\n");
        Assert.Contains("metrics.jsonl:2", Assert.Throws<AthanorException>(() => MetricsLog.Read(path)).Message, StringComparison.Ordinal);
    }

    private static void Append(string path, params ReadOnlySpan<int> steps)
    {
        using MetricsLog log = new(path, TimeProvider.System);
        foreach (int step in steps)
        {
            log.Append(step, new Dictionary<string, double> { ["x"] = step });
        }
    }
}
