using System.ComponentModel.DataAnnotations;
using Athanor.Core.Stages;
using Athanor.Corpora.Filters;

namespace Athanor.Corpora;

/// <summary>What a corpus is made of.</summary>
public sealed record BuildCorpusSettings
{
    /// <summary>
    /// A file or folder of your own (<c>.txt</c>, <c>.md</c>, <c>.jsonl</c>, <c>.jsonl.gz</c>, <c>.jsonl.zst</c>, <c>.parquet</c>) that replaces the documentation
    /// of the .NET SDK; left out, the documentation is used.
    /// </summary>
    [SourcePath]
    public string? Path { get; init; }

    /// <summary>The key or column that holds the text of JSON lines and Parquet files.</summary>
    [Required]
    public string TextField { get; init; } = "text";

    /// <summary>Whether generated problems (chains, operations and so on) are added; left out: with the documentation yes, with a text of your own no.</summary>
    public bool? Problems { get; init; }

    /// <summary>Training conversations of chains of additions and subtractions, half step by step, half direct.</summary>
    [Range(0, 10_000_000)]
    public int Chains { get; init; } = 60_000;

    /// <summary>Whether the worked steps of training chains stand in a random order: an experiment that shows what their order is worth.</summary>
    public bool ShuffledSteps { get; init; }

    /// <summary>Training episodes of choosing an operation from examples.</summary>
    [Range(0, 10_000_000)]
    public int Operations { get; init; } = 12_000;

    /// <summary>Training conversations of joining last letters.</summary>
    [Range(0, 10_000_000)]
    public int LastLetters { get; init; } = 4_000;

    /// <summary>Training conversations of coin flips.</summary>
    [Range(0, 10_000_000)]
    public int CoinFlips { get; init; } = 4_000;

    /// <summary>Training conversations of comparing dates.</summary>
    [Range(0, 10_000_000)]
    public int Dates { get; init; } = 4_000;

    /// <summary>Training conversations of small talk: greetings, questions about itself, questions it cannot answer; only beside the documentation.</summary>
    [Range(0, 10_000_000)]
    public int SmallTalk { get; init; } = 8_000;

    /// <summary>Training conversations that change their subject, made of the others'.</summary>
    [Range(0, 10_000_000)]
    public int Dialogues { get; init; } = 8_000;

    /// <summary>Held-out problems of each task and split; of long chains half as many.</summary>
    [Range(1, 100_000)]
    public int HeldOutProblems { get; init; } = 600;

    /// <summary>The most documents that are taken, counted before filters; for small runs. 0 takes all.</summary>
    [Range(0, int.MaxValue)]
    public int LargestDocuments { get; init; }

    /// <summary>Documents with fewer words are dropped.</summary>
    [Range(0, 1_000_000)]
    public int FewestWords { get; init; } = 12;

    /// <summary>The least share of letters among characters that are not white space.</summary>
    [Range(0.0, 1.0)]
    public double LeastLetterShare { get; init; } = 0.5;

    /// <summary>The largest share of a document that may be lines it has said before.</summary>
    [Range(0.0, 1.0)]
    public double MostRepeatedLines { get; init; } = 0.5;

    /// <summary>The largest share of lines that may be notices (rights, cookies, internal use).</summary>
    [Range(0.0, 1.0)]
    public double MostBoilerplateLines { get; init; } = 0.3;

    /// <summary>The share of word n-grams (Jaccard) from which two documents count as near duplicates; 1 leaves the search out.</summary>
    [Range(0.1, 1.0)]
    public double NearDuplicateThreshold { get; init; } = 0.8;

    /// <summary>How many words an n-gram of the near-duplicate search has.</summary>
    [Range(1, 50)]
    public int NearDuplicateNgram { get; init; } = 5;

    /// <summary>How many words in a row count as shared when held-out text is looked for in training text (the leak check of the report).</summary>
    [Range(3, 50)]
    public int LeakNgram { get; init; } = 13;

    internal FilterSettings Filters => new(FewestWords, LeastLetterShare, MostRepeatedLines, MostBoilerplateLines);
}
