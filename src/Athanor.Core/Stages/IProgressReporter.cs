namespace Athanor.Core.Stages;

/// <summary>Where work tells how far it is. On a terminal it becomes a bar with rate and time left, elsewhere plain lines.</summary>
public interface IProgressReporter
{
    /// <summary>Opens a measured piece of work.</summary>
    /// <param name="name">What is being done, such as <c>pre-training</c>.</param>
    /// <param name="total">How many units there are; null where nobody knows.</param>
    /// <param name="unit">The unit's plural, such as <c>tokens</c> or <c>documents</c>.</param>
    IProgressTask Begin(string name, long? total, string unit);

    /// <summary>Says something worth keeping on the screen: a decision, a figure, a sample.</summary>
    void Say(string line);

    /// <summary>Warns of something that changes what the result means.</summary>
    void Warn(string line);
}

/// <summary>One measured piece of work; disposing ends it.</summary>
public interface IProgressTask : IDisposable
{
    /// <summary>Says how many units are done, and optionally the figures of the moment (<c>loss 2.31</c>).</summary>
    void Report(long done, string? figures = null);
}
