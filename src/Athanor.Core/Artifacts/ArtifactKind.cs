namespace Athanor.Core.Artifacts;

/// <summary>What an artifact's folder holds.</summary>
public enum ArtifactKind
{
    /// <summary>Documents and problems by split and part, see <see cref="CorpusLayout"/>.</summary>
    Corpus,

    /// <summary>A <c>tokenizer.json</c> with its chat template.</summary>
    Tokenizer,

    /// <summary>Token shards (Megatron <c>.bin</c>/<c>.idx</c>) by split and part, see <see cref="TokensLayout"/>.</summary>
    Tokens,

    /// <summary>A Hugging Face model folder.</summary>
    Model,

    /// <summary>Scores of models on tasks.</summary>
    Scores,

    /// <summary>A report for people.</summary>
    Report,
}
