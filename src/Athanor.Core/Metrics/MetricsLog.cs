namespace Athanor.Core.Metrics;

/// <summary>
/// A stage's curves: one JSON object a line (<c>step</c>, <c>seconds</c>, <c>values</c>), appended as it happens. A resumed stage cuts it back to the step
/// of its checkpoint, so that the log of an interrupted run equals that of an undisturbed one in all but the times.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The name of the file in the artifact.</summary>
    public const string FileName = "metrics.jsonl";

    /// <summary>Opens or creates the log.</summary>
    public MetricsLog(string path, TimeProvider clock)
    {
        throw new NotImplementedException();
    }

    /// <summary>Appends values measured at a step; a value that is not finite is written as null.</summary>
    public void Append(long step, IReadOnlyDictionary<string, double> values) => throw new NotImplementedException();

    /// <summary>Appends a text (a sample) produced at a step.</summary>
    public void AppendText(long step, string name, string text) => throw new NotImplementedException();

    /// <summary>Drops everything later than a step.</summary>
    public void CutAfter(long step) => throw new NotImplementedException();

    /// <summary>Makes what was appended durable.</summary>
    public void Flush() => throw new NotImplementedException();

    /// <summary>Reads a log.</summary>
    /// <exception cref="Errors.AthanorException">The file is missing or a line other than a torn last one is malformed.</exception>
    public static IReadOnlyList<MetricsEntry> Read(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>One line of a log.</summary>
/// <param name="Step">The step it was measured at.</param>
/// <param name="Seconds">Time since the stage began, interruptions left out.</param>
/// <param name="Values">Measured values by name, such as <c>train/loss</c>, <c>validation/bits_per_byte</c>, <c>ability/chains.step</c>.</param>
/// <param name="Texts">Texts by name, such as <c>sample/0</c>.</param>
public sealed record MetricsEntry(long Step, double Seconds, IReadOnlyDictionary<string, double> Values, IReadOnlyDictionary<string, string> Texts);
