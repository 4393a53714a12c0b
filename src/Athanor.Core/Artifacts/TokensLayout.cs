namespace Athanor.Core.Artifacts;

/// <summary>
/// Where a tokens artifact keeps what: <c>SPLIT/PART.bin</c> and <c>.idx</c> (one sequence a document, begun by the document token), beside them
/// <c>SPLIT/PART.mask.bin</c> and <c>.idx</c> (one byte a token, 1 = its prediction counts in the loss) for parts made of conversations,
/// the tokenizer's files, and <c>statistics.json</c>.
/// </summary>
public static class TokensLayout
{
    /// <summary>The shard of one part of one split, relative to the artifact, without the extension.</summary>
    public static string Shard(string split, string part) => $"{split}/{part}";

    /// <summary>The loss mask beside a shard, relative to the artifact, without the extension.</summary>
    public static string Mask(string split, string part) => $"{split}/{part}.mask";

    /// <summary>Tokens, documents and bytes by split and part, relative to the artifact.</summary>
    public const string Statistics = "statistics.json";
}
