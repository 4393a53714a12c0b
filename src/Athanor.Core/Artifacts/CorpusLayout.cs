namespace Athanor.Core.Artifacts;

/// <summary>
/// Where a corpus artifact keeps what. A corpus is <c>SPLIT/PART.jsonl.zst</c> (one <see cref="Documents.Document"/> a line) for each split and part,
/// <c>problems/SPLIT/TASK.jsonl.zst</c> (one <see cref="Documents.Problem"/> a line) for each task it can ask, and <c>statistics.json</c>.
/// </summary>
public static class CorpusLayout
{
    /// <summary>The split models learn from.</summary>
    public const string Train = "train";

    /// <summary>The split that choices are made on and curves are drawn from.</summary>
    public const string Validation = "validation";

    /// <summary>The split that final scores come from; nothing else reads it.</summary>
    public const string Test = "test";

    /// <summary>The file of one part of one split, relative to the artifact.</summary>
    public static string Documents(string split, string part) => $"{split}/{part}.jsonl.zst";

    /// <summary>The file of the problems of one task and split, relative to the artifact.</summary>
    public static string Problems(string split, string task) => $"problems/{split}/{task}.jsonl.zst";

    /// <summary>The statistics that the report draws, relative to the artifact.</summary>
    public const string Statistics = "statistics.json";
}
