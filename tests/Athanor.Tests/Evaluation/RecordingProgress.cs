using Athanor.Core.Stages;

namespace Athanor.Tests.Evaluation;

internal sealed class RecordingProgress : IProgressReporter
{
    public List<string> Lines { get; } = [];

    public List<string> Begun { get; } = [];

    public IProgressTask Begin(string name, long? total, string unit)
    {
        Begun.Add(name);
        return new Task();
    }

    public void Say(string line) => Lines.Add(line);

    public void Warn(string line) => Lines.Add(line);

    private sealed class Task : IProgressTask
    {
        public void Report(long done, string? figures = null)
        {
        }

        public void Dispose()
        {
        }
    }
}
