namespace Athanor.Tokenization.AddedTokens;

/// <summary>The tokens that are looked for in the text before the model sees it.</summary>
internal sealed class AddedVocabulary
{
    /// <summary>No tokens.</summary>
    public static readonly AddedVocabulary Empty = new();
}
