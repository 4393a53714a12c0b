using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>SentencePiece's word model: every U+2581 begins a word, a word is a piece or unknown.</summary>
internal sealed class WordPieces(PieceTable pieces) : ISegmenter
{
    /// <inheritdoc/>
    public WordCuts? Cuts => null;

    /// <inheritdoc/>
    public void Segment(ReadOnlySpan<byte> text, Segmentation result, int offset = 0)
    {
        for (int start = 0; start < text.Length;)
        {
            int next = text[(start + 1)..].IndexOf(SentencePieceNormalizer.SpaceSymbol);
            int end = next < 0 ? text.Length : start + 1 + next;
            result.Add(pieces.Find(text[start..end]), offset + end);
            start = end;
        }
    }
}
