namespace Athanor.Tokenization.LlamaCpp;

/// <summary>What a token of a GGUF vocabulary is.</summary>
[Flags]
internal enum TokenAttributes : ushort
{
    /// <summary>Nothing is known.</summary>
    None = 0,

    /// <summary>Stands for what the vocabulary lacks.</summary>
    Unknown = 1,

    /// <summary>Not in use.</summary>
    Unused = 2,

    /// <summary>A piece of text.</summary>
    Normal = 4,

    /// <summary>Steers the model; found in a text only on request.</summary>
    Control = 8,

    /// <summary>Found in every text before all else.</summary>
    UserDefined = 16,

    /// <summary>One byte.</summary>
    Byte = 32,

    /// <summary>Takes the white space before it along.</summary>
    LStrip = 128,

    /// <summary>Takes the white space after it along.</summary>
    RStrip = 256,
}
