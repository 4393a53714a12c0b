using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Athanor.Cli.CommandLine;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor model</c>: what a stored model is.</summary>
internal static class ModelCommand
{
    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create() => new("model", "Look at stored models.") { CreateShow() };

    private static Command CreateShow()
    {
        Argument<string> model = new("MODEL") { Description = "A model's folder, or a run's name or folder (its last model)." };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("show", "Say what a model is: parameters by part, memory, and operations and cache per token.") { model, json };
        command.SetAction(result =>
        {
            string folder = ModelFolder.Find(result.GetValue(model)!);
            using Checkpoint checkpoint = Checkpoint.Open(folder);
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(Describe(checkpoint).ToJsonString(Indented));
            }
            else
            {
                Write(checkpoint, output);
            }
        });
        return command;
    }

    private static JsonObject Describe(Checkpoint checkpoint)
    {
        ModelPlan plan = checkpoint.Plan;
        TransformerSpec spec = checkpoint.Spec;
        JsonObject parts = [];
        foreach ((ModelPart part, long parameters) in plan.ParametersByPart)
        {
            parts[NameOf(part).Replace(' ', '_')] = parameters;
        }

        return new JsonObject
        {
            ["folder"] = Path.GetFullPath(checkpoint.Folder),
            ["family"] = checkpoint.Family.ModelTypes[0],
            ["parameters"] = plan.Parameters,
            ["parameters_by_part"] = parts,
            ["vocabulary_size"] = spec.VocabularySize,
            ["context_length"] = spec.ContextLength,
            ["width"] = spec.Width,
            ["layers"] = spec.Layers.Count,
            ["heads"] = spec.Layers[0].Attention.Heads,
            ["key_value_heads"] = spec.Layers[0].Attention.KeyValueHeads,
            ["head_size"] = spec.Layers[0].Attention.HeadSize,
            ["feed_forward_size"] = spec.Layers[0].FeedForward.Size,
            ["tied_head"] = spec.TiedHead,
            ["stored_type"] = checkpoint.StoredType.ToString(),
            ["stored_bytes"] = checkpoint.StoredBytes,
            ["memory_bytes"] = plan.WeightBytes(4),
            ["training_state_bytes"] = plan.TrainingStateBytes,
            ["forward_flop_per_token"] = plan.ForwardFlopPerToken(spec.ContextLength),
            ["training_flop_per_token"] = plan.TrainingFlopPerToken(spec.ContextLength),
            ["cache_bytes_per_token"] = plan.CacheBytesPerToken(4),
        };
    }

    private static void Write(Checkpoint checkpoint, TextWriter output)
    {
        ModelPlan plan = checkpoint.Plan;
        TransformerSpec spec = checkpoint.Spec;
        AttentionSpec attention = spec.Layers[0].Attention;
        void Line(string name, string value) => output.WriteLine($"{name,-18} {value}");

        string heads = attention.KeyValueHeads == attention.Heads ? $"{attention.Heads} heads of {attention.HeadSize}" : $"{attention.Heads} heads of {attention.HeadSize} sharing {attention.KeyValueHeads} keys and values";
        Line("model", checkpoint.Folder);
        Line("family", $"{checkpoint.Family.ModelTypes[0]}, {spec.Layers.Count} layers, width {spec.Width}, {heads}, feed-forward {spec.Layers[0].FeedForward.Size}");
        Line("vocabulary", $"{spec.VocabularySize:N0}, head {(spec.TiedHead ? "tied to the embedding" : "of its own")}");
        Line("context", string.Create(CultureInfo.InvariantCulture, $"{spec.ContextLength:N0} tokens"));
        Line("parameters", $"{plan.Parameters:N0}");
        foreach ((ModelPart part, long parameters) in plan.ParametersByPart)
        {
            Line($"  {NameOf(part)}", string.Create(CultureInfo.InvariantCulture, $"{parameters,14:N0}  {(double)parameters / plan.Parameters,6:P1}"));
        }

        Line("on disk", $"{Bytes(checkpoint.StoredBytes)} as {checkpoint.StoredType}");
        Line("memory", $"{Bytes(plan.WeightBytes(4))} to use in fp32; {Bytes(plan.TrainingStateBytes)} and activations to train");
        Line("work a token", $"{Flop(plan.ForwardFlopPerToken(spec.ContextLength))} to read, {Flop(plan.TrainingFlopPerToken(spec.ContextLength))} to train, at full context");
        Line("cache a token", $"{Bytes(plan.CacheBytesPerToken(4))} in fp32, {Bytes(plan.CacheBytesPerToken(4) * spec.ContextLength)} at full context");
    }

    private static string NameOf(ModelPart part) => part switch
    {
        ModelPart.FeedForward => "feed-forward",
        _ => part.ToString().ToLowerInvariant(),
    };

    private static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F1} GiB"),
    };

    private static string Flop(double flop) => flop switch
    {
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{flop / 1e6:F1} MFLOP"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{flop / 1e9:F1} GFLOP"),
    };
}
