using System.Globalization;
using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Forecasts;
using Athanor.Core.Machine;
using Athanor.Core.Stages;
using Athanor.Torch;
using Athanor.Torch.Measuring;
using Athanor.Training.Checkpoints;
using Athanor.Training.Rules;
using TorchSharp;

namespace Athanor.Training.Pretraining;

/// <summary>
/// The type a training computes in and the library that computes its single-precision products. Measured once at the start of a run and kept beside the checkpoints and in
/// <c>training.json</c>: a resumed training uses what it began with, and tuning what pre-training on the same machine used, whatever the machine would say now.
/// </summary>
internal sealed class NumberType
{
    // Around bfloat16's products stand conversions and single-precision operations, which eat a smaller lead.
    internal const double NeededLead = 3;

    private const string FileName = "number-type.json";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private NumberType(ProductDecision decision, NumberTypeChoice choice)
    {
        Decision = decision;
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

    /// <summary>What was measured and decided.</summary>
    public ProductDecision Decision { get; }

    /// <summary>The decision as a rule's value.</summary>
    public DerivedValue Derived { get; }

    /// <summary>Decides, or takes up what was decided, and switches the process to it.</summary>
    /// <param name="choice">What the user wants.</param>
    /// <param name="context">Where checkpoints are kept.</param>
    /// <param name="source">The folder of the model that is trained on; null for a fresh one.</param>
    /// <param name="cancellation">Stops a measurement.</param>
    public static NumberType Choose(NumberTypeChoice choice, StageContext context, string? source, CancellationToken cancellation)
    {
        string path = Path.Combine(context.CheckpointFolder, FileName);
        ProductDecision? earlier = Read(path);
        ProductDecision decision = earlier ?? Decide(choice, source, context, cancellation);
        if (!Float32Products.Use(Enum.Parse<ProductBackend>(decision.Backend)))
        {
            context.Progress.Warn($"training began with {decision.Backend}, which this machine lacks: the last bits may differ from those of an undisturbed run");
        }

        if (earlier is null)
        {
            AtomicFile.WriteText(path, JsonSerializer.Serialize(decision, Json));
        }

        return new NumberType(decision, choice);
    }

    private static ProductDecision Decide(NumberTypeChoice choice, string? source, StageContext context, CancellationToken cancellation)
    {
        string processor = MachineProbe.Facts().Processor;
        int threads = torch.get_num_threads();
        if (source is not null && TrainingReport.DecisionIn(source) is { } before && before.Processor == processor && before.Threads == threads && IsKnown(before)
            && (choice == NumberTypeChoice.Auto || (choice == NumberTypeChoice.Bf16) == (before.NumberType == "bf16")))
        {
            return before;
        }

        MatrixSpeed speed = Athanor.Torch.Measuring.MatrixSpeed.Measure(cancellation);

        // what was measured first on this machine decides from then on: noise may not change the numbers of a run that is begun anew, or was killed before it noted its choice
        MachineMeasurements? machine = context.Run is { } run ? MachineMeasurements.Open(Path.GetDirectoryName(run.Folder)!, context.Clock) : null;
        double Kept(string name, double measured) => machine?.Measure(name, () => measured) ?? measured;
        bool half = choice == NumberTypeChoice.Bf16
            || (choice == NumberTypeChoice.Auto && Kept("products/bf16", speed.BFloat16) >= NeededLead * Kept("products/fp32", speed.Float32));
        ProductBackend backend = Kept("products/oneDNN", speed.FasterBackend == ProductBackend.OneDnn ? 1 : 0) == 1 ? ProductBackend.OneDnn : ProductBackend.Mkl;
        return new ProductDecision(half ? "bf16" : "fp32", backend.ToString(), speed.Float32Mkl, speed.Float32OneDnn, speed.BFloat16, processor, threads);
    }

    private static bool IsKnown(ProductDecision decision) => decision.NumberType is "fp32" or "bf16" && Enum.TryParse(decision.Backend, out ProductBackend _);

    private static ProductDecision? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            ProductDecision? decision = JsonSerializer.Deserialize<ProductDecision>(File.ReadAllText(path), Json);
            return decision is not null && IsKnown(decision) ? decision : throw new JsonException("it names no known type or library");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new AthanorException($"{path}: {exception.Message}", "delete the folder of the checkpoints to begin anew", exception);
        }
    }
}
