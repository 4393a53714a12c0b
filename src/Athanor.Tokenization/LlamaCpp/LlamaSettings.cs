namespace Athanor.Tokenization.LlamaCpp;

/// <summary>What a GGUF file says about its vocabulary beside the tokens. Ids are -1 where there is none.</summary>
internal sealed record LlamaSettings
{
    /// <summary>The beginning of a text.</summary>
    public int Bos { get; init; } = -1;

    /// <summary>The end of a text.</summary>
    public int Eos { get; init; } = -1;

    /// <summary>What the vocabulary lacks.</summary>
    public int Unknown { get; init; } = -1;

    /// <summary>Between two texts, and after one in BERT's way.</summary>
    public int Separator { get; init; } = -1;

    /// <summary>Padding.</summary>
    public int Padding { get; init; } = -1;

    /// <summary>Ends what a model generates.</summary>
    public IReadOnlyList<int> EndOfGeneration { get; init; } = [];

    /// <summary>Whether <see cref="Bos"/> stands before a text.</summary>
    public bool AddBos { get; init; }

    /// <summary>Whether <see cref="Eos"/> stands after a text.</summary>
    public bool AddEos { get; init; }

    /// <summary>Whether a space is set before a text.</summary>
    public bool AddSpacePrefix { get; init; }

    /// <summary>Whether decoding takes away the space before punctuation marks and contractions.</summary>
    public bool CleanSpaces { get; init; }
}
