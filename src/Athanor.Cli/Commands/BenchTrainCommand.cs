using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Artifacts;
using Athanor.Core.Machine;
using Athanor.Models.Specifications;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.Loading;
using Athanor.Training.Measuring;
using Athanor.Training.Optimizers;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench train</c>: training steps as a share of the best matrix product of the same process.</summary>
internal static class BenchTrainCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Option<string> preset = new("--preset") { Description = "The model: 10m (8 rows of 512 tokens) or 91m (4 rows).", DefaultValueFactory = _ => "10m" };
        Option<string> type = new("--type") { Description = "The number type to compute in: fp32 or bf16.", DefaultValueFactory = _ => "fp32" };
        Option<ExecutorChoice> executor = new("--executor") { Description = "What computes: fused (explicit gradients in own kernels), autograd (libtorch's automatic gradients), or auto." };
        Option<OptimizerChoice> optimizer = new("--optimizer") { Description = "adamw, or muonandadamw as the recipes use.", DefaultValueFactory = _ => OptimizerChoice.Adamw };
        Option<int> threads = new("--threads") { Description = "How many threads; 0 takes all cores." };
        Option<int> steps = new("--steps") { Description = "How many steps are timed, at least 2.", DefaultValueFactory = _ => 10 };
        Option<bool> eager = new("--beside-eager") { Description = "Also time the same model with libtorch's automatic gradients and default products." };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        preset.AcceptOnlyFromAmong("10m", "91m");
        type.AcceptOnlyFromAmong("fp32", "bf16");
        Command command = new("train", "Time training steps and compare them with the machine's best matrix products: step time, share, parts, memory, allocations.") { preset, type, executor, optimizer, threads, steps, eager, json };
        command.SetAction((result, cancellation) =>
        {
            TorchLoader.Load();
            if (result.GetValue(threads) > 0)
            {
                TorchThreads.Use(result.GetValue(threads));
            }

            (ModelPlan plan, int rows, int length) = TrainingBenchmark.Preset(result.GetValue(preset)!)!.Value;
            FloatType number = result.GetValue(type) == "bf16" ? FloatType.BFloat16 : FloatType.Float32;
            TrainingSpeed speed = TrainingBenchmark.Run(plan, rows, length, number, result.GetValue(executor), result.GetValue(optimizer), Math.Max(2, result.GetValue(steps)), result.GetValue(eager), cancellation);
            Write(speed, result.GetValue(preset)!, result.GetValue(type)!, result.GetValue(json), result.InvocationConfiguration.Output);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Write(TrainingSpeed speed, string preset, string type, bool json, TextWriter output)
    {
        MachineFacts machine = MachineProbe.Facts();
        if (json)
        {
            output.WriteLine(new JsonObject
            {
                ["preset"] = preset,
                ["type"] = type,
                ["executor"] = speed.Executor,
                ["parameters"] = speed.Parameters,
                ["processor"] = machine.Processor,
                ["vector_bits"] = speed.VectorBits,
                ["threads"] = speed.Threads,
                ["fp32_products_by"] = speed.Backend,
                ["steps"] = speed.Steps,
                ["tokens_a_step"] = speed.TokensAStep,
                ["median_step_seconds"] = Rounded(speed.MedianSeconds),
                ["best_step_seconds"] = Rounded(speed.BestSeconds),
                ["tokens_per_second"] = Math.Round(speed.TokensAStep / speed.MedianSeconds),
                ["flop_a_step"] = speed.FlopAStep,
                ["gflops"] = Math.Round(speed.FlopAStep / speed.MedianSeconds / 1e9, 1),
                ["best_product_gflops"] = new JsonArray([.. speed.PeakFlops.Select(peak => (JsonNode)Math.Round(peak / 1e9, 1))]),
                ["share_of_best_product"] = Rounded(speed.Share),
                ["share_of_best_product_fastest_step"] = Rounded(speed.Share * speed.MedianSeconds / speed.BestSeconds),
                ["void"] = speed.IsVoid,
                ["eager_step_seconds"] = speed.EagerSeconds is { } eagerSeconds ? Rounded(eagerSeconds) : null,
                ["speed_over_eager"] = speed.EagerSeconds is { } slow ? Rounded(slow / speed.MedianSeconds) : null,
                ["seconds_by_part"] = new JsonObject([.. speed.SecondsByPart.Select(pair => KeyValuePair.Create(JsonNamingPolicy.SnakeCaseLower.ConvertName(pair.Key), (JsonNode?)Math.Round(pair.Value, 5)))]),
                ["peak_memory_bytes"] = speed.PeakMemoryBytes,
                ["workspace_bytes"] = speed.WorkspaceBytes,
                ["managed_bytes_a_step"] = speed.ManagedBytesAStep,
                ["tensors_left_by_a_step"] = speed.NewTensorsAStep,
            }.ToJsonString(Indented));
            return;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{preset} {type}, {speed.Executor}, {speed.Threads} threads: {speed.MedianSeconds * 1000:F0} ms a step (fastest {speed.BestSeconds * 1000:F0}), {speed.TokensAStep / speed.MedianSeconds:F0} tokens/s"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{speed.FlopAStep / speed.MedianSeconds / 1e9:F0} GFLOP/s, {speed.Share:P1} of the best product ({string.Join(", ", speed.PeakFlops.Select(peak => $"{peak / 1e9:F0}"))} GFLOP/s before, between and after)"));
        if (speed.IsVoid)
        {
            output.WriteLine("void: the products differ by more than a tenth, so other work disturbed this run");
        }

        if (speed.EagerSeconds is { } eager)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{eager / speed.MedianSeconds:F2} times the speed of automatic gradients on libtorch's default products ({eager * 1000:F0} ms a step)"));
        }

        foreach ((string part, double seconds) in speed.SecondsByPart.OrderByDescending(pair => pair.Value))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {JsonNamingPolicy.SnakeCaseLower.ConvertName(part).Replace('_', ' '),-20} {seconds * 1000,8:F1} ms"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory {speed.PeakMemoryBytes / 1e6:F0} MB, {speed.ManagedBytesAStep:F0} managed bytes a step"));
    }

    private static double Rounded(double value) => Math.Round(value, 4);
}
