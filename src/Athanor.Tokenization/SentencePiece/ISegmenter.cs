using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>Cuts a rewritten text into pieces. Immutable, used by many threads at once.</summary>
internal interface ISegmenter
{
    /// <summary>Whether a text may be cut before every U+2581 that another character stands before, and its parts segmented on their own.</summary>
    bool IsCutBeforeSpace { get; }

    /// <summary>Whether a text may be cut after every U+2581 that another character stands after, and its parts segmented on their own.</summary>
    bool IsCutAfterSpace { get; }

    /// <summary>Appends the pieces of a text; a character that is none has the id of the unknown piece.</summary>
    void Segment(ReadOnlySpan<byte> text, Segmentation result);
}
