namespace Athanor.Tokenization.Training;

/// <summary>How a unigram model is learnt (Kudo 2018, "Subword regularization", section 3.2).</summary>
internal sealed record UnigramTrainingOptions
{
    /// <summary>How many pieces there shall be, special ones included.</summary>
    public int VocabularySize { get; init; } = 8000;

    /// <summary>How many rounds of expectation and maximization there are between two prunings.</summary>
    public int SubIterations { get; init; } = 2;

    /// <summary>The share of the pieces that a pruning keeps.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>The most code points of a piece.</summary>
    public int LongestPiece { get; init; } = 16;

    /// <summary>How many substrings the training starts from.</summary>
    public int SeedSize { get; init; } = 1_000_000;

    /// <summary>Tokens with the first ids.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Characters that are pieces whether the text has them or not.</summary>
    public IReadOnlyList<string> InitialAlphabet { get; init; } = [];

    /// <summary>The token for unknown characters; it is put first where it is no special token.</summary>
    public string? UnknownToken { get; init; }
}
