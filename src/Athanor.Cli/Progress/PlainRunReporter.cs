using System.Globalization;
using Athanor.Core.Stages;

namespace Athanor.Cli.Progress;

/// <summary>Progress as lines, for logs and pipes: one every ten seconds or tenth of the work, whichever comes later, and one at the end.</summary>
internal sealed class PlainRunReporter(TextWriter output, TimeProvider clock) : ConsoleRunReporter(TextWriter.Synchronized(output))
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public override IProgressTask Begin(string name, long? total, string unit) => new PlainTask(this, clock, name, total, unit);

    private sealed class PlainTask(PlainRunReporter reporter, TimeProvider clock, string name, long? total, string unit) : IProgressTask
    {
        private readonly Lock _lock = new();
        private readonly Pace _pace = new(clock, total);
        private long _said = clock.GetTimestamp();
        private string? _figures;
        private bool _ended;

        public void Report(long done, string? figures = null)
        {
            lock (_lock)
            {
                _pace.Report(done);
                _figures = figures ?? _figures;
                if (clock.GetElapsedTime(_said) >= Interval)
                {
                    _said = clock.GetTimestamp();
                    reporter.WriteLine($"  {Line()}");
                }
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                if (!_ended && _pace.Done > 0)
                {
                    reporter.WriteLine($"  {name}: {Quantities.Count(_pace.Done)} {unit} in {Quantities.Duration(_pace.Elapsed)}{(_figures is null ? "" : $" · {_figures}")}");
                }

                _ended = true;
            }
        }

        private string Line()
        {
            string part = _pace.Fraction is double fraction ? string.Create(CultureInfo.InvariantCulture, $"{fraction:0 %} of {Quantities.Count(total!.Value)} {unit}") : $"{Quantities.Count(_pace.Done)} {unit}";
            string rate = _pace.Rate > 0 ? $" · {Quantities.Count(_pace.Rate)} {unit}/s" : "";
            string left = _pace.Left is TimeSpan time ? $" · {Quantities.Duration(time)} left" : "";
            return $"{name}: {part}{rate}{left}{(_figures is null ? "" : $" · {_figures}")}";
        }
    }
}
