namespace Athanor.Tokenization.SentencePiece;

/// <summary>A piece of a text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Piece">Its text after rewriting; of an unknown piece what stood there.</param>
/// <param name="Offsets">Its place in the original text, in UTF-16 units. Of the bytes of one character the last has the place, the others are empty.</param>
/// <param name="CodePointOffsets">Its place in the original text, in code points.</param>
public sealed record PlacedPiece(int Id, string Piece, Offsets Offsets, Offsets CodePointOffsets);

/// <summary>A segmentation and its score.</summary>
/// <param name="Pieces">The pieces.</param>
/// <param name="Score">The sum of their scores.</param>
public sealed record ScoredPieces(IReadOnlyList<PlacedPiece> Pieces, float Score)
{
    /// <summary>The ids.</summary>
    public IEnumerable<int> Ids => Pieces.Select(piece => piece.Id);
}
