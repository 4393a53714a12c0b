using System.Text.Json;
using Athanor.Core.Files;
using Athanor.Training.Rules;

namespace Athanor.Training.Checkpoints;

/// <summary>What a training was, beside its model: <c>training.json</c>.</summary>
public sealed record TrainingReport
{
    /// <summary>The name of the file in the model's folder.</summary>
    public const string FileName = "training.json";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Every derived value with rule, source and the setting that overrides it.</summary>
    public required IReadOnlyList<DerivedValue> Derived { get; init; }

    /// <summary>Parameters of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Floating-point operations to train on one token, by the formula 6·N + 6·layers·width·sequence.</summary>
    public required double FlopPerToken { get; init; }

    /// <summary>Tokens trained on, padding among them.</summary>
    public required long Tokens { get; init; }

    /// <summary>Floating-point operations spent.</summary>
    public required double Flop { get; init; }

    /// <summary>Updates.</summary>
    public required long Steps { get; init; }

    /// <summary>Positions of an update.</summary>
    public required long BatchTokens { get; init; }

    /// <summary>Updates left out because loss or gradient was not finite.</summary>
    public required long SkippedSteps { get; init; }

    /// <summary>The type the model computed in.</summary>
    public required string NumberType { get; init; }

    /// <summary>What computed forward and backward: <c>fused</c> or <c>autograd</c>; null where it was not noted.</summary>
    public string? Executor { get; init; }

    /// <summary>Threads of libtorch.</summary>
    public required int Threads { get; init; }

    /// <summary>The speed of matrix products in that type, FLOP a second; null where it was not measured.</summary>
    public double? MatrixSpeed { get; init; }

    /// <summary>What was measured and decided about matrix products.</summary>
    public ProductDecision? Products { get; init; }

    /// <summary>Each part of the mixture.</summary>
    public required IReadOnlyList<TrainedPart> Mixture { get; init; }

    /// <summary>Writes the file into a folder.</summary>
    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>The decision that a model was trained with; null where the folder does not tell.</summary>
    internal static ProductDecision? DecisionIn(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<DecisionOnly>(File.ReadAllText(path), Json)?.Products : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // then it is measured anew
            return null;
        }
    }

    private sealed record DecisionOnly(ProductDecision? Products);
}

/// <summary>Which type and library a training computes its matrix products with, and the speeds that decided it.</summary>
/// <param name="NumberType"><c>fp32</c> or <c>bf16</c>.</param>
/// <param name="Backend">The library of single-precision products: <c>Mkl</c> or <c>OneDnn</c>.</param>
/// <param name="MklGflops">Single precision through MKL, GFLOP/s.</param>
/// <param name="OneDnnGflops">Single precision through oneDNN; null where it is not to be had in full precision.</param>
/// <param name="Bfloat16Gflops">bfloat16.</param>
/// <param name="Processor">The processor it was measured on.</param>
/// <param name="Threads">libtorch's threads.</param>
public sealed record ProductDecision(string NumberType, string Backend, double MklGflops, double? OneDnnGflops, double Bfloat16Gflops, string? Processor, int Threads);

/// <summary>What a training saw of a part.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Share">Its share of the tokens.</param>
/// <param name="Epochs">How often it was gone through.</param>
public sealed record TrainedPart(string Part, double Share, double Epochs);
