namespace Athanor.Tokenization.Pipeline;

/// <summary>Adds the special tokens a model expects around one text or two. Immutable, used by many threads at once.</summary>
internal interface IPostProcessor
{
    /// <summary>How many tokens it adds to one text, or to two: truncation leaves room for them.</summary>
    int AddedTokenCount(bool pair);

    /// <summary>Takes one encoding or two (with the sequence and type ids 0 and 1) and gives those whose tokens in a row are the result.</summary>
    IReadOnlyList<EncodedText> Process(IReadOnlyList<EncodedText> encodings, bool addSpecialTokens);
}
