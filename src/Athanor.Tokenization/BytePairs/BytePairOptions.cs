namespace Athanor.Tokenization.BytePairs;

/// <summary>How a <see cref="BytePairTokenModel"/> treats what its merges do not cover.</summary>
/// <param name="UnknownToken">What stands for a character that is not in the vocabulary; null: it is dropped.</param>
/// <param name="ContinuingPrefix">What characters that do not begin a word bear in front, in the vocabulary.</param>
/// <param name="EndOfWordSuffix">What the last character of a word bears behind.</param>
/// <param name="FuseUnknown">Whether neighbouring unknown characters are one token.</param>
/// <param name="ByteFallback">Whether an unknown character is written as its bytes (<c>&lt;0xE2&gt;</c>), where the vocabulary has them all.</param>
/// <param name="IgnoreMerges">Whether a word that is in the vocabulary is taken as it is.</param>
/// <param name="Dropout">The probability that a merge is left out when a text is sampled; null: none is.</param>
/// <param name="OneRankAToken">Whether rules in a row that make the same token are equals, of which the leftmost in a word goes first (tiktoken). No <c>tokenizer.json</c> can say so.</param>
internal sealed record BytePairOptions(
    string? UnknownToken = null,
    string? ContinuingPrefix = null,
    string? EndOfWordSuffix = null,
    bool FuseUnknown = false,
    bool ByteFallback = false,
    bool IgnoreMerges = false,
    double? Dropout = null,
    bool OneRankAToken = false);
