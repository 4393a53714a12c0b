using System.Globalization;
using System.Text;
using Athanor.Core.Stages;

namespace Athanor.Cli.Progress;

/// <summary>
/// Progress on a terminal: lines worth keeping scroll by, and below them a bar for each piece of work, redrawn in place. Drawn by hand: a library's live
/// display wants to own the flow of the program, and stages begin and end work as they like.
/// </summary>
internal sealed class TerminalRunReporter : ConsoleRunReporter
{
    private const int BarWidth = 28;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly List<BarTask> _tasks = [];
    private readonly ITimer _timer;
    private int _drawn;

    public TerminalRunReporter(TextWriter output, TimeProvider clock)
        : base(output)
    {
        _output = output;
        _clock = clock;
        _timer = clock.CreateTimer(_ => Draw(), null, Redraw, Redraw);
    }

    public override IProgressTask Begin(string name, long? total, string unit)
    {
        BarTask task = new(this, name, total, unit);
        lock (_lock)
        {
            _tasks.Add(task);
        }

        return task;
    }

    public override void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _output.Write(Erase());
            _output.Flush();
            _tasks.Clear();
        }

        base.Dispose();
    }

    protected override void WriteLine(string line)
    {
        lock (_lock)
        {
            _output.Write(Erase());
            _output.WriteLine(Coloured(line));
            Draw();
        }
    }

    private static string Coloured(string line)
        => line.StartsWith('[') ? $"\x1b[1m{line}\x1b[0m" : line.StartsWith("  warning:", StringComparison.Ordinal) ? $"\x1b[33m{line}\x1b[0m" : line;

    private string Erase()
    {
        string sequence = _drawn > 0 ? $"\r\x1b[{_drawn}A\x1b[J" : "";
        _drawn = 0;
        return sequence;
    }

    private void Draw()
    {
        lock (_lock)
        {
            StringBuilder screen = new(Erase());
            int width = Width();
            foreach (BarTask task in _tasks)
            {
                string line = task.Line();
                screen.Append(line.Length < width ? line : line[..(width - 1)]).Append('\n');
            }

            _drawn = _tasks.Count;
            if (screen.Length > 0)
            {
                _output.Write(screen);
                _output.Flush();
            }
        }
    }

    private static int Width()
    {
        try
        {
            return Math.Max(20, Console.WindowWidth);
        }
        catch (IOException)
        {
            return 80;
        }
    }

    private void End(BarTask task, string line)
    {
        lock (_lock)
        {
            if (_tasks.Remove(task))
            {
                WriteLine(line);
            }
        }
    }

    private sealed class BarTask(TerminalRunReporter reporter, string name, long? total, string unit) : IProgressTask
    {
        private readonly Pace _pace = new(reporter._clock, total);
        private string? _figures;

        public void Report(long done, string? figures = null)
        {
            lock (reporter._lock)
            {
                _pace.Report(done);
                _figures = figures ?? _figures;
            }
        }

        public void Dispose() => reporter.End(this, $"  {name}: {Quantities.Count(_pace.Done)} {unit} in {Quantities.Duration(_pace.Elapsed)}{Figures}");

        public string Line()
        {
            string rate = _pace.Rate > 0 ? $" · {Quantities.Count(_pace.Rate)} {unit}/s" : "";
            if (_pace.Fraction is not double fraction)
            {
                return $"  {name} · {Quantities.Count(_pace.Done)} {unit}{rate}{Figures}";
            }

            int full = (int)(fraction * BarWidth);
            string bar = new string('━', full) + new string('─', BarWidth - full);
            string left = _pace.Left is TimeSpan time ? $" · {Quantities.Duration(time)} left" : "";
            return string.Create(CultureInfo.InvariantCulture, $"  {name} {bar} {fraction:0 %}{rate}{left}{Figures}");
        }

        private string Figures => _figures is null ? "" : $" · {_figures}";
    }
}
