namespace Athanor.Tokenization.Training;

/// <summary>What a training may use, and whom it tells how far it is. The result depends on none of it.</summary>
internal sealed record TrainingResources
{
    /// <summary>How many threads work.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes of memory the process may take; null: no limit.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Where word counts and large arrays go when memory is short, and what is gone on from after an interruption; null: nothing is kept.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>What is trained on, and how: a checkpoint of other work is not gone on from.</summary>
    public string Key { get; init; } = "";

    /// <summary>Says when a checkpoint is due.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Told what is being done, how many units of it are done, and a figure (bytes counted, tokens or pieces there are).</summary>
    public Action<string, long, long>? Progress { get; init; }

    /// <summary>The memory as arrays are taken from it.</summary>
    public WorkingMemory OpenMemory() => MemoryLimit is long limit ? new WorkingMemory(limit, CheckpointFolder) : WorkingMemory.Unlimited;
}
