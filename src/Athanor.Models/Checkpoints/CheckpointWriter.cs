using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Models.Families;
using Athanor.Models.Specifications;

namespace Athanor.Models.Checkpoints;

/// <summary>Writes a model as a Hugging Face folder: <c>config.json</c>, <c>model.safetensors</c>, <c>generation_config.json</c>. Tokenizer files are not its business.</summary>
public static class CheckpointWriter
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes the three files in single precision.</summary>
    /// <param name="folder">Where; created if it is missing.</param>
    /// <param name="plan">What the model is.</param>
    /// <param name="weight">A weight's numbers by canonical name, row-major; asked once for each, in the order they are written.</param>
    /// <param name="tokens">Tokens with a role.</param>
    /// <exception cref="ArgumentException">No family can describe the specification.</exception>
    /// <exception cref="AthanorException">The disk is full or the folder may not be written; the message names the file.</exception>
    public static void Write(string folder, ModelPlan plan, Func<string, float[]> weight, SpecialTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(tokens);
        ModelFamily family = ModelFamily.All.FirstOrDefault(family => family.WhyNot(plan.Spec) is null)
            ?? throw new ArgumentException($"no family can describe the specification: {string.Join("; ", ModelFamily.All.Select(family => $"not {family.ModelTypes[0]}, since {family.WhyNot(plan.Spec)}"))}", nameof(plan));

        JsonObject config = family.WriteConfig(plan.Spec);
        config["torch_dtype"] = "float32";
        AddTokens(config, tokens);
        AtomicFile.WriteText(Path.Combine(folder, Checkpoint.ConfigFile), config.ToJsonString(Indented) + "\n");

        JsonObject generation = [];
        AddTokens(generation, tokens);
        AtomicFile.WriteText(Path.Combine(folder, Checkpoint.GenerationFile), generation.ToJsonString(Indented) + "\n");

        SafetensorsFile.Write(Path.Combine(folder, Checkpoint.WeightsFile), family.PublishedWeights(plan.Spec).Select(published => Tensor(plan, published, weight)), new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static TensorToWrite Tensor(ModelPlan plan, PublishedWeight published, Func<string, float[]> weight)
    {
        PlannedWeight[] parts = [.. published.Canonical.Select(name => plan[name])];
        long[] shape = [parts.Sum(part => part.Shape[0]), .. parts[0].Shape.Skip(1)];
        if (!published.Transposed)
        {
            return new TensorToWrite(published.Name, TensorType.F32, shape, stream =>
            {
                foreach (PlannedWeight part in parts)
                {
                    stream.Write(MemoryMarshal.AsBytes(Values(part, weight).AsSpan()));
                }
            });
        }

        return new TensorToWrite(published.Name, TensorType.F32, [shape[1], shape[0]], stream =>
        {
            float[][] values = [.. parts.Select(part => Values(part, weight))];
            float[] row = new float[shape[0]];
            for (int input = 0; input < shape[1]; input++)
            {
                int at = 0;
                for (int part = 0; part < parts.Length; part++)
                {
                    for (int output = 0; output < parts[part].Shape[0]; output++)
                    {
                        row[at++] = values[part][(output * shape[1]) + input];
                    }
                }

                stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
            }
        });
    }

    private static float[] Values(PlannedWeight planned, Func<string, float[]> weight)
    {
        float[] values = weight(planned.Name);
        return values.LongLength == planned.Count ? values : throw new InvalidOperationException($"{planned.Name} has {values.Length} numbers instead of {planned.Count}");
    }

    private static void AddTokens(JsonObject target, SpecialTokenIds tokens)
    {
        target["bos_token_id"] = tokens.Beginning;
        target["eos_token_id"] = tokens.Ends.Count switch
        {
            0 => null,
            1 => tokens.Ends[0],
            _ => new JsonArray([.. tokens.Ends.Select(id => JsonValue.Create(id))]),
        };
        target["pad_token_id"] = tokens.Padding;
    }
}
