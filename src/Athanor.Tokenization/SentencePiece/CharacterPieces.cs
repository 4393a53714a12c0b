using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>SentencePiece's character model: every character, and every user-defined piece, is a piece or unknown.</summary>
internal sealed class CharacterPieces(PieceTable pieces) : ISegmenter
{
    /// <inheritdoc/>
    public WordCuts? Cuts { get; } = pieces.FindCuts();

    /// <inheritdoc/>
    public void Segment(ReadOnlySpan<byte> text, Segmentation result, int offset = 0)
    {
        for (int at = 0; at < text.Length;)
        {
            int length = pieces.PrefixLength(text[at..], out _);
            result.Add(pieces.Find(text.Slice(at, length)), offset + at + length);
            at += length;
        }
    }
}
