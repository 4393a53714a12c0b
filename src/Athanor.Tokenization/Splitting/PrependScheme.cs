namespace Athanor.Tokenization.Splitting;

/// <summary>Where <see cref="MetaspacePreTokenizer"/> puts a mark in front.</summary>
internal enum PrependScheme
{
    /// <summary>Before every part of the text.</summary>
    Always,

    /// <summary>Before the part at the very beginning of the text only.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}
