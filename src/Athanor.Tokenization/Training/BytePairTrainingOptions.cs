namespace Athanor.Tokenization.Training;

/// <summary>How byte pairs are learnt; the names and meanings are those of Hugging Face tokenizers' <c>BpeTrainer</c>.</summary>
internal sealed record BytePairTrainingOptions
{
    /// <summary>How many tokens there shall be; fewer where the text gives no further pair.</summary>
    public int VocabularySize { get; init; } = 30_000;

    /// <summary>Rarer pairs are not joined.</summary>
    public long LeastFrequency { get; init; }

    /// <summary>Tokens with the first ids.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>The most characters kept, the frequent ones first; null keeps all.</summary>
    public int? AlphabetLimit { get; init; }

    /// <summary>Characters that are in the vocabulary whether the text has them or not; each one code point.</summary>
    public IReadOnlyList<string> InitialAlphabet { get; init; } = [];

    /// <summary>What stands before every piece that does not begin a word, such as <c>##</c>.</summary>
    public string? ContinuingPrefix { get; init; }

    /// <summary>What stands behind every piece that ends a word, such as <c>&lt;/w&gt;</c>.</summary>
    public string? WordSuffix { get; init; }

    /// <summary>Tokens are shorter than this many characters, except pairs of characters; null: of any length.</summary>
    public int? LongestToken { get; init; }

    /// <summary>Whether words are bytes, each written as its character of the byte alphabet; all 256 are in the vocabulary then. Otherwise words are UTF-8 text.</summary>
    public bool Bytes { get; init; }

    /// <summary>With <see cref="Bytes"/>: the tokens " 0" to " N" are made first, whether the text holds them or not.</summary>
    public int? WholeNumbers { get; init; }
}
