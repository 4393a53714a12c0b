using Athanor.Training.Schedules;

namespace Athanor.Training.Loop;

/// <summary>How a <see cref="TrainingLoop"/> runs.</summary>
public sealed record TrainingLoopSettings
{
    /// <summary>What is being done, as progress names it: <c>pre-training</c>, <c>tuning</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Updates in all.</summary>
    public required long Steps { get; init; }

    /// <summary>The factor of the learning rates over the updates; its height is 1.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>The largest global norm of the gradient; null clips nothing.</summary>
    public double? ClipNorm { get; init; } = 1;

    /// <summary>Floating-point operations a token.</summary>
    public double FlopPerToken { get; init; }

    /// <summary>The speed of matrix products in the model's type on this machine, in FLOP a second; null where it was not measured.</summary>
    public double? MatrixSpeed { get; init; }

    /// <summary>Validation after so many updates, and at the beginning and end.</summary>
    public long ValidationSteps { get; init; } = 100;

    /// <summary>The ability probe after so many updates, and at the end; 0 for never.</summary>
    public long ProbeSteps { get; init; }

    /// <summary>How long training goes on between checkpoints.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>So many updates in a row without a finite loss and gradient end the training.</summary>
    public int BadStepsAllowed { get; init; } = 10;

    /// <summary>The type the model computes in, as checkpoints record it.</summary>
    public string NumberType { get; init; } = "fp32";

    /// <summary>The executor, as checkpoints record it.</summary>
    public string Executor { get; init; } = "autograd";
}
