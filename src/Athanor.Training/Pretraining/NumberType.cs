using System.Globalization;
using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Stages;
using Athanor.Torch;
using Athanor.Torch.Measuring;
using Athanor.Training.Rules;

namespace Athanor.Training.Pretraining;

/// <summary>
/// The type a training computes in and the library that computes its single-precision products. Measured once at the start and kept beside the checkpoints: a resumed training uses
/// what it began with, whatever the machine would say now.
/// </summary>
internal sealed class NumberType
{
    private const string FileName = "number-type.json";

    // Around bfloat16's products stand conversions and single-precision operations, which eat a smaller lead.
    private const double NeededLead = 3;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private NumberType(Decision decision, NumberTypeChoice choice)
    {
        Name = decision.NumberType;
        Type = Name == "bf16" ? FloatType.BFloat16 : FloatType.Float32;
        MatrixSpeed = (Type == FloatType.BFloat16 ? decision.Bfloat16Gflops : Math.Max(decision.MklGflops, decision.OneDnnGflops ?? 0)) * 1e9;
        string speeds = string.Create(CultureInfo.InvariantCulture, $"fp32 {Math.Max(decision.MklGflops, decision.OneDnnGflops ?? 0):F0} GFLOP/s by {decision.Backend}, bf16 {decision.Bfloat16Gflops:F0}");
        Derived = new DerivedValue("R11", "number_type", Name, choice == NumberTypeChoice.Auto ? $"bf16 where its matrix products are {NeededLead} times as fast; measured {speeds}" : $"set by the user; measured {speeds}");
    }

    /// <summary><c>fp32</c> or <c>bf16</c>.</summary>
    public string Name { get; }

    /// <summary>The executor's type.</summary>
    public FloatType Type { get; }

    /// <summary>The speed of matrix products in that type, FLOP a second.</summary>
    public double MatrixSpeed { get; }

    /// <summary>The decision as a rule's value.</summary>
    public DerivedValue Derived { get; }

    public static NumberType Choose(NumberTypeChoice choice, StageContext context, CancellationToken cancellation)
    {
        string path = Path.Combine(context.CheckpointFolder, FileName);
        if (Read(path) is { } earlier)
        {
            ProductBackend backend = Enum.Parse<ProductBackend>(earlier.Backend);
            if (!Float32Products.Use(backend))
            {
                context.Progress.Warn($"training began with {backend}, which this machine lacks: the last bits may differ from those of an undisturbed run");
            }

            return new NumberType(earlier, choice);
        }

        MatrixSpeed speed = Athanor.Torch.Measuring.MatrixSpeed.Measure(cancellation);
        Float32Products.Use(speed.FasterBackend);
        bool half = choice == NumberTypeChoice.Bf16 || (choice == NumberTypeChoice.Auto && speed.BFloat16 >= NeededLead * speed.Float32);
        Decision decision = new(half ? "bf16" : "fp32", Float32Products.Current.ToString(), speed.Float32Mkl, speed.Float32OneDnn, speed.BFloat16);
        AtomicFile.WriteText(path, JsonSerializer.Serialize(decision, Json));
        return new NumberType(decision, choice);
    }

    private static Decision? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            Decision? decision = JsonSerializer.Deserialize<Decision>(File.ReadAllText(path), Json);
            return decision is { NumberType: "fp32" or "bf16" } && Enum.TryParse(decision.Backend, out ProductBackend _) ? decision : throw new JsonException("it names no known type or library");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new AthanorException($"{path}: {exception.Message}", "delete the folder of the checkpoints to begin anew", exception);
        }
    }

    private sealed record Decision(string NumberType, string Backend, double MklGflops, double? OneDnnGflops, double Bfloat16Gflops);
}
