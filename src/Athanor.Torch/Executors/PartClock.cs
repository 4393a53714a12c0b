using System.Diagnostics;

namespace Athanor.Torch.Executors;

/// <summary>Parts of a training step.</summary>
public enum StepPart
{
    /// <summary>Looking tokens up, and the gradient of that.</summary>
    Embedding,

    /// <summary>Norms with the residual additions, both ways.</summary>
    Norms,

    /// <summary>The layers' products forward.</summary>
    Products,

    /// <summary>The layers' products backward.</summary>
    ProductGradients,

    /// <summary>Attention with rotary positions, forward.</summary>
    Attention,

    /// <summary>Attention backward.</summary>
    AttentionGradient,

    /// <summary>Activations between the feed-forward's matrices, both ways.</summary>
    Activations,

    /// <summary>The head's products, both ways.</summary>
    Head,

    /// <summary>Softmax, loss and their gradient.</summary>
    Softmax,

    /// <summary>Conversions of weights to bfloat16.</summary>
    Conversions,

    /// <summary>Clearing gradients.</summary>
    Clearing,
}

/// <summary>Adds up where the time of steps goes. A mark costs tens of nanoseconds, so it is always on.</summary>
internal sealed class PartClock
{
    private readonly long[] _ticks = new long[Enum.GetValues<StepPart>().Length];
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>What follows belongs to no part that was.</summary>
    public void Begin() => _last = Stopwatch.GetTimestamp();

    /// <summary>What passed since the last mark was of a part.</summary>
    public void Mark(StepPart part)
    {
        long now = Stopwatch.GetTimestamp();
        _ticks[(int)part] += now - _last;
        _last = now;
    }

    /// <summary>Seconds by part since the last reset.</summary>
    public IReadOnlyDictionary<StepPart, double> Seconds => Enum.GetValues<StepPart>().ToDictionary(part => part, part => _ticks[(int)part] / (double)Stopwatch.Frequency);

    /// <summary>Begins anew.</summary>
    public void Reset() => Array.Clear(_ticks);
}
