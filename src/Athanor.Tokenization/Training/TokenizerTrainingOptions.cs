namespace Athanor.Tokenization.Training;

/// <summary>What tokenizer is to be trained, and with what means.</summary>
public sealed record TokenizerTrainingOptions
{
    /// <summary>The kind of vocabulary.</summary>
    public VocabularyKind Kind { get; init; }

    /// <summary>How many tokens there shall be, special ones among them.</summary>
    public int VocabularySize { get; init; } = 32_000;

    /// <summary>Whether a SentencePiece model is written instead of a <c>tokenizer.json</c>.</summary>
    public bool SentencePiece { get; init; }

    /// <summary>How many threads work; the result is the same.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes of memory the process may take; null: what it needs. The result is the same.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>What is trained on: work that was interrupted goes on only where this is the same.</summary>
    public string Source { get; init; } = "";

    /// <summary>Bytes of text there are, for the time left; null where nobody knows.</summary>
    public long? TextBytes { get; init; }
}
