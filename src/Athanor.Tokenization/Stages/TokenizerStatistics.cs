using System.Text.Encodings.Web;
using System.Text.Json;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Tokenization.Stages;

/// <summary>What <c>tokenizer.train</c> found out: its <c>statistics.json</c>.</summary>
public sealed record TokenizerStatistics
{
    /// <summary>The name of the file in the artifact.</summary>
    public const string FileName = "statistics.json";

    /// <summary>How many tokens there are.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>How many rules merge two tokens into one.</summary>
    public required int Merges { get; init; }

    /// <summary>The expression that cuts text into words.</summary>
    public required string Pattern { get; init; }

    /// <summary>How well each part is compressed.</summary>
    public required IReadOnlyList<TokenizerPart> Parts { get; init; }

    /// <summary>Texts with the boundaries between their tokens.</summary>
    public required IReadOnlyList<TokenizerExample> Examples { get; init; }

    /// <summary>Tokens that the learning sample does not use, as people read them; at most a hundred.</summary>
    public required IReadOnlyList<string> UnusedTokens { get; init; }

    /// <summary>How many tokens the learning sample does not use, special tokens left out.</summary>
    public required int UnusedTokenCount { get; init; }

    /// <summary>The longest tokens, as people read them.</summary>
    public required IReadOnlyList<string> LongestTokens { get; init; }

    /// <summary>Time spent learning, in seconds.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Reads the statistics of a tokenizer artifact.</summary>
    /// <exception cref="AthanorException">The file is missing or malformed.</exception>
    public static TokenizerStatistics Read(Artifact tokenizer) => StatisticsFile.Read<TokenizerStatistics>(tokenizer.PathOf(FileName));
}

/// <summary>How well one part of the corpus is compressed.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Documents">Documents learnt from.</param>
/// <param name="Bytes">Bytes of text learnt from (UTF-8).</param>
/// <param name="Tokens">The tokens these become.</param>
/// <param name="BytesPerToken">Bytes a token in what was learnt from.</param>
/// <param name="ValidationBytesPerToken">Bytes a token in the validation split; null where the part has none.</param>
public sealed record TokenizerPart(string Part, long Documents, long Bytes, long Tokens, double BytesPerToken, double? ValidationBytesPerToken);

/// <summary>A text with its tokens.</summary>
/// <param name="Part">The part it is from.</param>
/// <param name="Document">The document's name.</param>
/// <param name="Text">The text, the beginning of the document's.</param>
/// <param name="Ids">Its tokens.</param>
/// <param name="Ends">Where each token ends in <paramref name="Text"/>, in UTF-16 units; tokens that share a character all end after it.</param>
public sealed record TokenizerExample(string Part, string Document, string Text, IReadOnlyList<int> Ids, IReadOnlyList<int> Ends);

/// <summary>How the statistics lie on disk.</summary>
internal static class StatisticsFile
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write<T>(string path, T statistics) => AtomicFile.WriteText(path, JsonSerializer.Serialize(statistics, Json) + "\n");

    public static T Read<T>(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, Json) ?? throw new JsonException("the file is empty");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path}: {exception.Message}", "delete the folder and run its stage again", exception);
        }
    }
}
