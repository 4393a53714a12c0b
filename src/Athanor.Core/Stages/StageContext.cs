using Athanor.Core.Artifacts;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;

namespace Athanor.Core.Stages;

/// <summary>What a stage is given beside its settings.</summary>
public sealed class StageContext
{
    /// <summary>The input artifacts by the name the settings give them (a stage's name or a folder).</summary>
    public required IReadOnlyDictionary<string, Artifact> Inputs { get; init; }

    /// <summary>Where the stage writes its artifact: empty at the start, renamed to its final name when the stage returns.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>Where a long stage keeps checkpoints: survives interruption and is handed back to the same stage with the same key; deleted when the stage is done.</summary>
    public required string CheckpointFolder { get; init; }

    /// <summary>The random streams of the run's seed, the only source of randomness.</summary>
    public required RandomStreams Random { get; init; }

    /// <summary>Where the stage tells how far it is.</summary>
    public required IProgressReporter Progress { get; init; }

    /// <summary>The stage's measured curves; ends in the artifact as <c>metrics.jsonl</c>. Kept beside the checkpoints until then.</summary>
    public required MetricsLog Metrics { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The run the stage belongs to; null where a stage is run alone.</summary>
    public RunDescription? Run { get; init; }

    /// <summary>What the work cost so far; the stage adds tokens and FLOP, the runner adds time and memory. A resumed stage sets it anew from its checkpoint.</summary>
    public StageCost Cost { get; } = new();

    /// <summary>The input that a setting names.</summary>
    public Artifact Input(string reference) => Inputs[reference];
}

/// <summary>Counts that a stage keeps of its own work.</summary>
public sealed class StageCost
{
    /// <summary>Tokens trained on or scored.</summary>
    public long Tokens { get; set; }

    /// <summary>Floating-point operations.</summary>
    public double Flop { get; set; }
}
