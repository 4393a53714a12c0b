namespace Athanor.Tokenization.AddedTokens;

/// <summary>A token that is looked for in the text before the model sees it.</summary>
/// <param name="Content">Its text; not empty.</param>
/// <param name="SingleWord">It counts only where no letter, digit or underscore of any script stands beside it.</param>
/// <param name="LStrip">It takes the white space before it along.</param>
/// <param name="RStrip">It takes the white space after it along.</param>
/// <param name="Normalized">It is normalized, and looked for in the normalized text; otherwise in the text as it is.</param>
/// <param name="Special">It is left out of decoded text on request.</param>
internal sealed record AddedToken(string Content, bool SingleWord = false, bool LStrip = false, bool RStrip = false, bool Normalized = false, bool Special = true);
