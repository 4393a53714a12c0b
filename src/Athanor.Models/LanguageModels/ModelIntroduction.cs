using System.Text.Json;
using System.Text.Json.Serialization;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Models.LanguageModels;

/// <summary>How a model introduces itself to a person who opens a chat with it: <c>introduction.json</c> in its folder, written by whoever trained it.</summary>
public sealed record ModelIntroduction
{
    /// <summary>The name of the file in a model's folder.</summary>
    public const string FileName = "introduction.json";

    private const int LargestFile = 1 << 16;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What it has learnt, a short sentence each, such as <c>sums and differences of small numbers, step by step</c>.</summary>
    public IReadOnlyList<string> Learnt { get; init; } = [];

    /// <summary>Two or three questions it can answer.</summary>
    public IReadOnlyList<string> Questions { get; init; } = [];

    /// <summary>How many earlier exchanges it was taught to read before a question; null for as many as its context holds.</summary>
    public int? Memory { get; init; }

    /// <summary>Reads a folder's introduction; null where there is none.</summary>
    /// <exception cref="AthanorException">The file is malformed.</exception>
    public static ModelIntroduction? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            if (new FileInfo(path).Length > LargestFile)
            {
                throw new JsonException($"the file is larger than {LargestFile:N0} bytes");
            }

            ModelIntroduction read = JsonSerializer.Deserialize<ModelIntroduction>(File.ReadAllBytes(path), Json) ?? throw new JsonException("the file is empty");
            return read.Learnt is null || read.Questions is null || read.Learnt.Concat(read.Questions).Any(line => line is null) ? throw new JsonException("a list or line is null")
                : read.Memory < 0 ? throw new JsonException("memory is below 0")
                : read;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "correct the file, or delete it", exception);
        }
    }

    /// <summary>Writes the introduction into a model's folder.</summary>
    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");
}
