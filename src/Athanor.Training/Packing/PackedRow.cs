namespace Athanor.Training.Packing;

/// <summary>A row of packed documents.</summary>
public sealed class PackedRow
{
    private PackedRow(int[] tokens, int[] documents, int[] starts)
    {
        Tokens = tokens;
        Documents = documents;
        Starts = starts;
    }

    /// <summary>The tokens, padded at the right.</summary>
    public int[] Tokens { get; }

    /// <summary>The number of the piece each token belongs to; −1 on padding.</summary>
    public int[] Documents { get; }

    /// <summary>Where each piece begins, and where the last ends.</summary>
    public int[] Starts { get; }

    /// <summary>Lays the tokens of a row.</summary>
    /// <param name="pieces">The pieces from left to right.</param>
    /// <param name="rowLength">Tokens of a row.</param>
    /// <param name="padding">The token to the right of the last piece.</param>
    /// <param name="read">Copies the tokens of a piece.</param>
    public static PackedRow Lay(IReadOnlyList<PackedPiece> pieces, int rowLength, int padding, PieceReader read)
    {
        int[] tokens = new int[rowLength];
        int[] documents = new int[rowLength];
        int[] starts = new int[pieces.Count + 1];
        int end = 0;
        for (int i = 0; i < pieces.Count; i++)
        {
            PackedPiece piece = pieces[i];
            read(piece, tokens.AsSpan(end, piece.Length));
            documents.AsSpan(end, piece.Length).Fill(piece.Number);
            end += piece.Length;
            starts[i + 1] = end;
        }

        tokens.AsSpan(end).Fill(padding);
        documents.AsSpan(end).Fill(-1);
        return new PackedRow(tokens, documents, starts);
    }

    /// <summary>Position of a token in its piece; 0 on padding.</summary>
    public int PositionOf(int index) => Documents[index] < 0 ? 0 : index - Starts[PieceAt(index)];

    /// <summary>Whether a token is predicted from the one before it: both belong to the same piece.</summary>
    public bool IsTarget(int index) => index > 0 && Documents[index] >= 0 && Documents[index] == Documents[index - 1];

    /// <summary>Whether a token may attend to another: not a later one, and of the same piece.</summary>
    public bool Attends(int query, int key) => key <= query && Documents[query] >= 0 && Documents[query] == Documents[key];

    private int PieceAt(int index)
    {
        int found = Array.BinarySearch(Starts, index);
        return found >= 0 ? found : ~found - 1;
    }
}

/// <summary>Copies the tokens of a piece.</summary>
/// <param name="piece">Which.</param>
/// <param name="tokens">Where to, of the piece's length.</param>
public delegate void PieceReader(PackedPiece piece, Span<int> tokens);
