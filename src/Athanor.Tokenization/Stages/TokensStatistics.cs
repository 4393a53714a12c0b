using Athanor.Core.Artifacts;

namespace Athanor.Tokenization.Stages;

/// <summary>What <c>tokens.encode</c> counted: its <c>statistics.json</c>.</summary>
public sealed record TokensStatistics
{
    /// <summary>How many tokens the vocabulary has.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>A row for each split and part.</summary>
    public required IReadOnlyList<TokensPart> Parts { get; init; }

    /// <summary>Reads the statistics of a tokens artifact.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The file is missing or malformed.</exception>
    public static TokensStatistics Read(Artifact tokens) => StatisticsFile.Read<TokensStatistics>(tokens.PathOf(TokensLayout.Statistics));
}

/// <summary>One part of one split.</summary>
/// <param name="Split">The split.</param>
/// <param name="Part">The part.</param>
/// <param name="Documents">How many documents it has, which is how many sequences.</param>
/// <param name="Tokens">How many tokens, special tokens among them.</param>
/// <param name="Bytes">How many bytes of text (UTF-8), special tokens left out.</param>
/// <param name="AnswerTokens">For a part with conversations, the tokens whose prediction counts in the loss; null elsewhere, where all but the first of each document count.</param>
/// <param name="AnswerBytes">For a part with conversations, the bytes of text among them; null elsewhere.</param>
public sealed record TokensPart(string Split, string Part, long Documents, long Tokens, long Bytes, long? AnswerTokens, long? AnswerBytes);
