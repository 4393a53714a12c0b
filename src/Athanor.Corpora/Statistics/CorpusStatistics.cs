using System.Text.Encodings.Web;
using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Corpora.Statistics;

/// <summary>What a corpus holds and how it came about: its <c>statistics.json</c>, which the report draws from.</summary>
public sealed record CorpusStatistics
{
    /// <summary>Where the text came from.</summary>
    public required IReadOnlyList<SourceStatistics> Sources { get; init; }

    /// <summary>What each part of each split holds.</summary>
    public required IReadOnlyList<PartStatistics> Parts { get; init; }

    /// <summary>What each step (filters in their order, then exact and near duplicates) removed.</summary>
    public required IReadOnlyList<RemovalStatistics> Removals { get; init; }

    /// <summary>What held-out text shares with the training text.</summary>
    public required IReadOnlyList<LeakStatistics> Leaks { get; init; }

    /// <summary>How many problems each task has by split.</summary>
    public required IReadOnlyList<ProblemStatistics> Problems { get; init; }

    /// <summary>What is missing and why, a sentence each, such as tasks left out because they need the documentation.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads a corpus's <c>statistics.json</c>.</summary>
    /// <exception cref="AthanorException">The file is missing or malformed.</exception>
    public static CorpusStatistics Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<CorpusStatistics>(stream, Json) ?? throw new JsonException("the file is empty");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "build the corpus again", exception);
        }
    }

    internal void Write(string path)
    {
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Json));
    }
}

/// <summary>One source.</summary>
public sealed record SourceStatistics
{
    /// <summary>What it is, with its version where it has one.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 (hexadecimal) over the digests of its files in order.</summary>
    public required string Digest { get; init; }

    /// <summary>Files read.</summary>
    public required int Files { get; init; }

    /// <summary>Their size on disk.</summary>
    public required long Bytes { get; init; }

    /// <summary>Records in them: documented members, or documents.</summary>
    public required long Records { get; init; }

    /// <summary>Records left out by design, by reason.</summary>
    public required IReadOnlyDictionary<string, long> LeftOut { get; init; }

    /// <summary>What could not be read.</summary>
    public required IReadOnlyList<UnreadableRecords> Unreadable { get; init; }
}

/// <summary>Records or files that could not be read, by fault.</summary>
/// <param name="Fault">What is wrong with them.</param>
/// <param name="Count">How many.</param>
/// <param name="Places">Where the first few are: <c>file:line: fault</c>.</param>
public sealed record UnreadableRecords(string Fault, long Count, IReadOnlyList<string> Places);

/// <summary>One part of one split.</summary>
public sealed record PartStatistics
{
    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    public required string Split { get; init; }

    /// <summary>The part, such as <c>documentation</c>.</summary>
    public required string Part { get; init; }

    /// <summary>How many documents.</summary>
    public required long Documents { get; init; }

    /// <summary>UTF-8 bytes of their texts, or of their turns' contents.</summary>
    public required long Bytes { get; init; }

    /// <summary>Words: runs of letters and digits.</summary>
    public required long Words { get; init; }

    /// <summary>How many documents have a length of 2^i to 2^(i+1) − 1 bytes, for i = 0, 1, ….</summary>
    public required IReadOnlyList<long> LengthHistogram { get; init; }

    /// <summary>A few documents, cut to the length a reader looks at.</summary>
    public required IReadOnlyList<ExampleDocument> Examples { get; init; }
}

/// <summary>A document to look at.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Text">Its beginning; of a conversation, its turns, a line each.</param>
public sealed record ExampleDocument(string Id, string Text);

/// <summary>What one step removed.</summary>
/// <param name="Part">The part it worked on.</param>
/// <param name="Step">The step, such as <c>too_short</c>, <c>exact_duplicates</c>.</param>
/// <param name="Purpose">Why it is done, a sentence.</param>
/// <param name="Seen">Documents it looked at.</param>
/// <param name="Removed">Documents it removed.</param>
/// <param name="RemovedBytes">Their bytes.</param>
/// <param name="Examples">A few of them.</param>
public sealed record RemovalStatistics(string Part, string Step, string Purpose, long Seen, long Removed, long RemovedBytes, IReadOnlyList<RemovedExample> Examples);

/// <summary>A removed document.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Reason">Why it was removed, with the figures or the document it repeats.</param>
/// <param name="Text">Its beginning.</param>
public sealed record RemovedExample(string Id, string Reason, string Text);

/// <summary>What a held-out part shares with the training text of the same part: runs of <paramref name="NgramWords"/> words.</summary>
/// <param name="Split">The held-out split.</param>
/// <param name="Part">The part.</param>
/// <param name="NgramWords">Length of a run.</param>
/// <param name="Ngrams">Distinct runs in the held-out part.</param>
/// <param name="Shared">How many of them also stand in the training text.</param>
/// <param name="Documents">Held-out documents.</param>
/// <param name="DocumentsMostlyShared">How many of them share half of their runs or more.</param>
/// <param name="Examples">A few shared runs.</param>
public sealed record LeakStatistics(string Split, string Part, int NgramWords, long Ngrams, long Shared, long Documents, long DocumentsMostlyShared, IReadOnlyList<string> Examples);

/// <summary>The problems of one task and split.</summary>
/// <param name="Split">The split.</param>
/// <param name="Task">The task.</param>
/// <param name="Count">How many.</param>
/// <param name="Example">One of them: its question and its answer.</param>
public sealed record ProblemStatistics(string Split, string Task, long Count, ExampleProblem? Example);

/// <summary>A problem to look at.</summary>
/// <param name="Question">The turns of the question, a line each.</param>
/// <param name="Answer">The right answer.</param>
/// <param name="Choices">The choices, if it has any.</param>
public sealed record ExampleProblem(string Question, string Answer, IReadOnlyList<string>? Choices);
