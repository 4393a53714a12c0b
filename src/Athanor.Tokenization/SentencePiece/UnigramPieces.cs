using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>SentencePiece's unigram model: the most probable segmentation in single precision.</summary>
internal sealed class UnigramPieces : ISegmenter
{
    private readonly PieceTable _pieces;
    private readonly UnigramSegmenter _segmenter;
    private readonly float _largest;

    /// <param name="pieces">The vocabulary.</param>
    public UnigramPieces(PieceTable pieces)
    {
        _pieces = pieces;
        float smallest = float.MaxValue;

        // The library begins the search for the largest score with the smallest positive number, so that scores that are all negative leave it at that.
        _largest = 1.17549435e-38f;
        for (int id = 0; id < pieces.Count; id++)
        {
            if (pieces.TypeOf(id) == PieceType.Normal)
            {
                smallest = Math.Min(smallest, pieces.ScoreOf(id));
                _largest = Math.Max(_largest, pieces.ScoreOf(id));
            }
        }

        UnknownScore = smallest - UnigramSegmenter.UnknownPenalty;
        int[] usable = [.. Enumerable.Range(0, pieces.Count).Where(id => pieces.TypeOf(id) is PieceType.Normal or PieceType.UserDefined)];
        double[] scores = new double[pieces.Count];
        foreach (int id in usable)
        {
            // The best segmentation counts the bytes of a user-defined piece, the lattice its characters; that is how the library does it.
            scores[id] = pieces.TypeOf(id) == PieceType.UserDefined ? UserDefinedScore(pieces[id].Bytes.Length) : pieces.ScoreOf(id);
        }

        _segmenter = new UnigramSegmenter(new PieceTrie([.. usable.Select(id => pieces[id].Bytes)], usable), scores, UnknownScore, pieces.UnknownId, single: true);
        Cuts = pieces.FindCuts();
    }

    /// <summary>The score of a character that is no piece.</summary>
    public float UnknownScore { get; }

    /// <inheritdoc/>
    public WordCuts? Cuts { get; }

    /// <summary>The search for the best segmentation.</summary>
    public UnigramSegmenter Segmenter => _segmenter;

    /// <inheritdoc/>
    public void Segment(ReadOnlySpan<byte> text, Segmentation result, int offset = 0) => _segmenter.Segment(text, 0, result, offset);

    /// <summary>All segmentations of a text.</summary>
    public Lattice LatticeOf(ReadOnlySpan<byte> text) => new(
        text,
        _segmenter.Trie,
        (id, length) => _pieces.TypeOf(id) == PieceType.UserDefined ? (float)UserDefinedScore(length) : _pieces.ScoreOf(id),
        _pieces.UnknownId,
        UnknownScore);

    /// <summary>The score of a piece at a place of a segmentation.</summary>
    public double ScoreOf(int id, ReadOnlySpan<byte> piece) =>
        id == _pieces.UnknownId ? UnknownScore
        : _pieces.TypeOf(id) == PieceType.UserDefined ? UserDefinedScore(CharacterCount(piece))
        : _pieces.ScoreOf(id);

    private static int CharacterCount(ReadOnlySpan<byte> text)
    {
        int count = 0;
        for (int at = 0; at < text.Length; at += UnigramSegmenter.CharacterLength(text, at))
        {
            count++;
        }

        return count;
    }

    private double UserDefinedScore(int length) => (length * _largest) - 0.1;
}
