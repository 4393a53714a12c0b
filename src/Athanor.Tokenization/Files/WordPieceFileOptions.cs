namespace Athanor.Tokenization.Files;

/// <summary>What a <c>vocab.txt</c> does not say about its tokenizer. The defaults are those of uncased BERT.</summary>
public sealed record WordPieceFileOptions
{
    /// <summary>Whether the text is lowercased.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Whether accents are taken off; null: where the text is lowercased.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether every Chinese character is a word.</summary>
    public bool TokenizeChineseCharacters { get; init; } = true;

    /// <summary>The special tokens, which are recognised in the text.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
}
