using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>A list of pieces for a while, empty at first; the thread keeps it for the next time.</summary>
internal readonly ref struct ScratchPieces : IDisposable
{
    // A list that a longer text has left is not kept
    private const int MostKept = 1 << 18;

    [ThreadStatic]
    private static List<Piece>? _kept;

    public ScratchPieces()
    {
        Pieces = _kept ?? [];
        _kept = null;
        Pieces.Clear();
    }

    public List<Piece> Pieces { get; }

    /// <summary>Appends the ids of the pieces.</summary>
    public void AppendIds(List<int> ids)
    {
        foreach (Piece piece in Pieces)
        {
            ids.Add(piece.Id);
        }
    }

    public void Dispose() => _kept = Pieces.Capacity <= MostKept ? Pieces : null;
}
