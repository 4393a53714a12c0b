using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>SentencePiece's character model: every character, and every user-defined piece, is a piece or unknown.</summary>
internal sealed class CharacterPieces(PieceTable pieces) : ISegmenter
{
    /// <inheritdoc/>
    public bool IsCutBeforeSpace { get; } = pieces.FindCuts().BeforeSpace;

    /// <inheritdoc/>
    public bool IsCutAfterSpace => false;

    /// <inheritdoc/>
    public void Segment(ReadOnlySpan<byte> text, Segmentation result)
    {
        for (int at = 0; at < text.Length;)
        {
            int length = pieces.PrefixLength(text[at..], out _);
            result.Add(pieces.Find(text.Slice(at, length)), at + length);
            at += length;
        }
    }
}
