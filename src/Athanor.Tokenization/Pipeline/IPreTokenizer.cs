namespace Athanor.Tokenization.Pipeline;

/// <summary>Cuts a text into the words that the model sees one by one. Immutable, used by many threads at once.</summary>
internal interface IPreTokenizer
{
    /// <summary>Cuts the parts of the text that are not tokens yet further; it may rewrite them too (byte-level letters, <c>▁</c> for a space).</summary>
    void PreTokenize(PreTokenizedText text);
}
