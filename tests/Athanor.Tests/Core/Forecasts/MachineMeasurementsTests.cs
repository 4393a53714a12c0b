using Athanor.Core.Files;
using Athanor.Core.Forecasts;
using Xunit;

namespace Athanor.Tests.Core.Forecasts;

public sealed class MachineMeasurementsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SetClock _clock = new();
    private int _taken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_measurement_is_taken_once_and_kept()
    {
        Assert.Equal(1, Measure());
        Assert.Equal(1, Measure());
    }

    [Fact]
    public void After_a_week_it_is_taken_anew()
    {
        Assert.Equal(1, Measure());
        _clock.Now += TimeSpan.FromDays(6);
        Assert.Equal(1, Measure());
        _clock.Now += TimeSpan.FromDays(2);
        Assert.Equal(2, Measure());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("""{"machine":1,"taken":"x","values":{}}""")]
    [InlineData("""{"machine":"another","taken":"2026-01-01T00:00:00+00:00","values":{"speed":7}}""")]
    public void A_file_that_is_damaged_or_of_another_machine_counts_as_none(string text)
    {
        AtomicFile.WriteText(_folder[MachineMeasurements.FileName], text);
        Assert.Equal(1, Measure());
    }

    [Fact]
    public void A_damaged_value_counts_as_none()
    {
        Assert.Equal(1, Measure());
        string path = _folder[MachineMeasurements.FileName];
        AtomicFile.WriteText(path, File.ReadAllText(path).Replace("\"speed\": 1", "\"speed\": null", StringComparison.Ordinal));
        Assert.Equal(2, Measure());
    }

    private double Measure() => MachineMeasurements.Open(_folder["."], _clock).Measure("speed", () => ++_taken);

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
