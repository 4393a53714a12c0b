namespace Athanor.Training.Measuring;

/// <summary>What <see cref="TrainingBenchmark"/> measured.</summary>
public sealed record TrainingSpeed
{
    /// <summary>Parameters of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary><c>fused</c> or <c>autograd</c>.</summary>
    public required string Executor { get; init; }

    /// <summary>Bits of the vectors that the fused executor's kernels use.</summary>
    public int? VectorBits { get; init; }

    /// <summary>libtorch's threads.</summary>
    public required int Threads { get; init; }

    /// <summary>The library of single-precision products.</summary>
    public required string Backend { get; init; }

    /// <summary>Steps that were timed.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens of a step.</summary>
    public required long TokensAStep { get; init; }

    /// <summary>The median step, in seconds.</summary>
    public required double MedianSeconds { get; init; }

    /// <summary>The fastest step, in seconds.</summary>
    public required double BestSeconds { get; init; }

    /// <summary>Floating-point operations of a step: 6·N·tokens + 6·layers·width·sequence·tokens.</summary>
    public required double FlopAStep { get; init; }

    /// <summary>The best matrix product before, between and after, in FLOP/s.</summary>
    public required IReadOnlyList<double> PeakFlops { get; init; }

    /// <summary>Whether the products differed by more than a tenth: other work disturbed the run, and its share means nothing.</summary>
    public required bool IsVoid { get; init; }

    /// <summary>The median step's rate as a share of the best product's.</summary>
    public required double Share { get; init; }

    /// <summary>The median step of automatic gradients on libtorch's default library of products, in seconds; null where it was not asked for.</summary>
    public double? EagerSeconds { get; init; }

    /// <summary>Mean seconds of a step by part.</summary>
    public required IReadOnlyDictionary<string, double> SecondsByPart { get; init; }

    /// <summary>The process's largest resident set, in bytes; the products' matrices are in it.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>The fused executor's workspace beside weights and gradients, in bytes.</summary>
    public long? WorkspaceBytes { get; init; }

    /// <summary>Managed bytes allocated in a step.</summary>
    public required double ManagedBytesAStep { get; init; }

    /// <summary>Tensors that a step leaves behind.</summary>
    public required long NewTensorsAStep { get; init; }
}
