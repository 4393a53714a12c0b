namespace Athanor.Generation.Decoding;

/// <summary>An answer.</summary>
public sealed record GenerationResult
{
    /// <summary>Which prompt it belongs to.</summary>
    public required int Prompt { get; init; }

    /// <summary>Which of the prompt's answers it is.</summary>
    public required int Sample { get; init; }

    /// <summary>How many tokens the prompt had.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>The tokens that were generated, without the stop token; those of a stop string are among them.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>The text, up to a stop string, without special tokens.</summary>
    public required string Text { get; init; }

    /// <summary>Why it ended.</summary>
    public required FinishReason FinishReason { get; init; }
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>The model gave a stop token.</summary>
    StopToken,

    /// <summary>A stop string occurred.</summary>
    StopString,

    /// <summary>It reached the most tokens it may have.</summary>
    MaximumTokens,

    /// <summary>The model's context is full.</summary>
    ContextFull,

    /// <summary>The caller stopped it.</summary>
    Cancelled,
}
