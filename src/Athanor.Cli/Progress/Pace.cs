namespace Athanor.Cli.Progress;

/// <summary>How fast a piece of work goes, from its own recent past: the rate is a mean over about the last twenty seconds.</summary>
internal sealed class Pace(TimeProvider clock, long? total)
{
    private const double Window = 20;

    private readonly long _begun = clock.GetTimestamp();
    private long _measured = clock.GetTimestamp();
    private long _measuredDone = -1;
    private double _rate;

    public long Done { get; private set; }

    public TimeSpan Elapsed => clock.GetElapsedTime(_begun);

    public double? Fraction => total is > 0 ? Math.Clamp((double)Done / total.Value, 0, 1) : null;

    /// <summary>Units a second; zero until it is known.</summary>
    public double Rate => _rate;

    public TimeSpan? Left => total is long all && _rate > 0 ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, all - Done) / _rate, 8.64e6)) : null;

    public void Report(long done)
    {
        Done = done;
        double seconds = clock.GetElapsedTime(_measured).TotalSeconds;
        if (_measuredDone >= 0 && seconds < 0.2)
        {
            return;
        }

        // the first report is where measuring begins: what resumed work had done before is no speed
        if (_measuredDone >= 0)
        {
            double now = Math.Max(0, done - _measuredDone) / seconds;
            _rate += (_rate == 0 ? 1 : 1 - Math.Exp(-seconds / Window)) * (now - _rate);
        }

        _measuredDone = done;
        _measured = clock.GetTimestamp();
    }
}
