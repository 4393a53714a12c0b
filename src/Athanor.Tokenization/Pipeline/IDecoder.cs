namespace Athanor.Tokenization.Pipeline;

/// <summary>Turns tokens back into text. Immutable, used by many threads at once.</summary>
internal interface IDecoder
{
    /// <summary>Rewrites the tokens in place; it may join or split them. What then stands in the list, in a row, is the text.</summary>
    void Decode(List<string> tokens);
}
