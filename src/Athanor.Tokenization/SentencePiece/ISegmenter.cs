using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>Cuts a rewritten text into pieces. Immutable, used by many threads at once.</summary>
internal interface ISegmenter
{
    /// <summary>Where a text may be cut and its parts segmented on their own; null: nowhere.</summary>
    WordCuts? Cuts { get; }

    /// <summary>Appends the pieces of a text; a character that is none has the id of the unknown piece.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="result">Where they go.</param>
    /// <param name="offset">Where the text begins: ends are counted from there.</param>
    void Segment(ReadOnlySpan<byte> text, Segmentation result, int offset = 0);
}
