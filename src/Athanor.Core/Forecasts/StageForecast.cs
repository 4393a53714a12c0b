namespace Athanor.Core.Forecasts;

/// <summary>What a stage is expected to cost and to make.</summary>
public sealed record StageForecast
{
    /// <summary>Time on this machine, nothing else running, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>The largest resident set of a process that does only this stage, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>The part of it that the stage takes beside what earlier stages of the same process have left in the heap: models, large tables; in bytes.</summary>
    public long NewMemoryBytes { get; init; }

    /// <summary>What the artifact takes on disk, in bytes.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>What checkpoints take beside it while the stage runs, in bytes.</summary>
    public long CheckpointBytes { get; init; }

    /// <summary>Floating-point operations, by the formula the stage states.</summary>
    public double Flop { get; init; }

    /// <summary>What later stages need to know of the artifact.</summary>
    public ArtifactForecast Output { get; init; } = new();
}

/// <summary>The sizes of an artifact that is not made yet; 0 or null where a kind has no such size.</summary>
public sealed record ArtifactForecast
{
    /// <summary>Bytes of text of all splits.</summary>
    public long TextBytes { get; init; }

    /// <summary>Documents and conversations of all splits.</summary>
    public long Documents { get; init; }

    /// <summary>Parts of the corpus.</summary>
    public int Parts { get; init; }

    /// <summary>Held-out problems of each task; 0 where there are none.</summary>
    public int ProblemsPerTask { get; init; }

    /// <summary>Bytes of held-out text of a split.</summary>
    public long HeldOutBytes { get; init; }

    /// <summary>Ids of the tokenizer.</summary>
    public int VocabularySize { get; init; }

    /// <summary>What using the model costs.</summary>
    public ModelForecast? Model { get; init; }
}

/// <summary>What a model that is not trained yet will cost to train further and to use.</summary>
/// <param name="Parameters">Its weights.</param>
/// <param name="ContextLength">The most tokens it reads.</param>
/// <param name="TrainingFlopPerToken">Floating-point operations to train on a token.</param>
/// <param name="GradientSecondsPerToken">Time of forward and backward.</param>
/// <param name="OptimizerSeconds">Time of an update of the weights.</param>
/// <param name="ScoringSecondsPerToken">Time of forward alone.</param>
/// <param name="TrainingMemoryBytes">The largest resident set of a process that trains it, in bytes.</param>
public sealed record ModelForecast(
    long Parameters, int ContextLength, double TrainingFlopPerToken, double GradientSecondsPerToken, double OptimizerSeconds, double ScoringSecondsPerToken, long TrainingMemoryBytes)
{
    /// <summary>Time of a decoding pass that adds a token to each of so many sequences, in seconds; a pass has a cost of its own however few they are (measured at 128 wide, 4 layers).</summary>
    public double PassSeconds(int sequences) => 0.002 + (sequences * 1.5 * ScoringSecondsPerToken);
}
