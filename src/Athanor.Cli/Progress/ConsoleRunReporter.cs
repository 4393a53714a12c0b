using Athanor.Core.Artifacts;
using Athanor.Core.Runs;
using Athanor.Core.Stages;

namespace Athanor.Cli.Progress;

/// <summary>Shows a run: bars on a terminal, plain lines elsewhere.</summary>
internal abstract class ConsoleRunReporter(TextWriter output) : IRunReporter, IDisposable
{
    /// <summary>The one that fits the output.</summary>
    public static ConsoleRunReporter For(TextWriter output, TimeProvider clock)
        => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb"
            ? new TerminalRunReporter(output, clock)
            : new PlainRunReporter(output, clock);

    public abstract IProgressTask Begin(string name, long? total, string unit);

    public void Say(string line) => WriteLine($"  {line}");

    public void Warn(string line) => WriteLine($"  warning: {line}");

    public void StageStarted(PlannedStage stage, int number, int count)
    {
        WriteLine("");
        WriteLine($"[{number}/{count}] {stage.Stage.Name} · {stage.Stage.Stage.Name}{(stage.Status == StageStatus.Begun ? " · goes on where it stopped" : "")}");
        WriteLine($"  {FirstSentence(stage.Stage.Stage.Purpose)}");
    }

    public void StageSkipped(PlannedStage stage, int number, int count) => WriteLine($"[{number}/{count}] {stage.Stage.Name} · done before, kept");

    public void StageFinished(PlannedStage stage, Artifact artifact)
        => WriteLine($"  done in {Quantities.Duration(TimeSpan.FromSeconds(artifact.Manifest.Cost.Seconds))}, memory at most {Quantities.Bytes(artifact.Manifest.Cost.PeakMemoryBytes)} → {stage.Folders.Final}");

    public virtual void Dispose()
    {
    }

    protected virtual void WriteLine(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }

    private static string FirstSentence(string text)
    {
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }
}
