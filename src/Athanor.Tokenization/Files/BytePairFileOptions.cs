namespace Athanor.Tokenization.Files;

/// <summary>What a <c>vocab.json</c> and a <c>merges.txt</c> do not say about their tokenizer. The defaults are GPT-2's.</summary>
public sealed record BytePairFileOptions
{
    /// <summary>Whether tokens are bytes in GPT-2's alphabet, cut by GPT-2's expression; otherwise words are cut at white space.</summary>
    public bool ByteLevel { get; init; } = true;

    /// <summary>For bytes: whether a space is put before the text.</summary>
    public bool AddPrefixSpace { get; init; }

    /// <summary>For words: what ends the last token of each.</summary>
    public string? EndOfWordSuffix { get; init; }

    /// <summary>Whether the text is lowercased first.</summary>
    public bool Lowercase { get; init; }

    /// <summary>What stands for unknown characters; null: they are dropped.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>The special tokens, which are recognised in the text.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|endoftext|>"];

    /// <summary>Whether <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c> are put around texts, as RoBERTa wants it.</summary>
    public bool RobertaTemplate { get; init; }
}
