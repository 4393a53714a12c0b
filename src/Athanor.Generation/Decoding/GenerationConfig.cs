using System.Text.Json;
using Athanor.Core.Errors;

namespace Athanor.Generation.Decoding;

/// <summary>What a model folder says about how its model wants to be sampled: <c>generation_config.json</c>, with Hugging Face's keys.</summary>
public static class GenerationConfig
{
    /// <summary>The name of the file in a model's folder.</summary>
    public const string FileName = "generation_config.json";

    private const int LargestFile = 1 << 20;

    /// <summary>Puts what a model folder says in place of the defaults; a folder without the file changes nothing.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="defaults">What holds where the file says nothing.</param>
    /// <exception cref="AthanorException">The file is malformed, or a value is of the wrong type or outside its range (the message names it).</exception>
    public static GenerationSettings Read(string folder, GenerationSettings defaults)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return defaults;
        }

        try
        {
            if (new FileInfo(path).Length > LargestFile)
            {
                throw new JsonException($"the file is larger than {LargestFile:N0} bytes");
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            GenerationSettings settings = Apply(document.RootElement, defaults);
            settings.Validate();
            return settings;
        }
        catch (AthanorException exception)
        {
            throw new AthanorException($"{path}: {exception.Message}", exception.Cure, exception);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path}: {exception.Message}", "correct the file, or delete it to use the defaults", exception);
        }
    }

    private static GenerationSettings Apply(JsonElement root, GenerationSettings settings)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("it is not a JSON object");
        }

        foreach (JsonProperty property in root.EnumerateObject())
        {
            JsonElement value = property.Value;
            if (value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            settings = property.Name switch
            {
                "temperature" => settings with { Temperature = value.GetDouble() },
                "top_k" => settings with { TopK = value.GetInt32() },
                "top_p" => settings with { TopP = value.GetDouble() },
                "min_p" => settings with { MinP = value.GetDouble() },
                "typical_p" => settings with { TypicalP = value.GetDouble() },
                "epsilon_cutoff" => settings with { EpsilonCutoff = value.GetDouble() },
                "eta_cutoff" => settings with { EtaCutoff = value.GetDouble() },
                "repetition_penalty" => settings with { RepetitionPenalty = value.GetDouble() },
                "no_repeat_ngram_size" => settings with { NoRepeatNgram = value.GetInt32() },
                "max_new_tokens" => settings with { MaximumTokens = value.GetInt32() },
                "min_new_tokens" => settings with { MinimumNewTokens = value.GetInt32() },
                "min_length" => settings with { MinimumLength = value.GetInt32() },
                "bad_words_ids" => settings with { BadWords = [.. value.EnumerateArray().Select(Tokens)] },
                "eos_token_id" => settings with { StopTokens = [.. settings.StopTokens, .. Tokens(value)] },
                _ => settings, // what transformers keeps there besides does not touch sampling, or is not ours to refuse
            };
        }

        return root.TryGetProperty("do_sample", out JsonElement sample) && sample.ValueKind == JsonValueKind.False ? settings with { Temperature = 0 } : settings;
    }

    private static int[] Tokens(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(token => token.GetInt32())] : [value.GetInt32()];
}
