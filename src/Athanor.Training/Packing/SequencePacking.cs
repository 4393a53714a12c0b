using System.Numerics;

namespace Athanor.Training.Packing;

/// <summary>How documents are laid into rows of one length.</summary>
public enum PackingMethod
{
    /// <summary>One after another, cut wherever a row ends; only the last row can be short.</summary>
    ConcatenateAndCut,

    /// <summary>In order; what does not fit opens a new row.</summary>
    Sequential,

    /// <summary>The longest first, each into the first row with room (Johnson 1973).</summary>
    FirstFitDecreasing,

    /// <summary>The longest first, each into the row with the least room that still fits (Ding et al. 2024, "Fewer truncations improve language modeling").</summary>
    BestFitDecreasing,
}

/// <summary>A document, or what was cut from one, in a row.</summary>
/// <param name="Number">Its number: of the document where rows are cut from a stream, else of the piece, in order of cutting.</param>
/// <param name="Document">Which document.</param>
/// <param name="Offset">Where it begins in the document.</param>
/// <param name="Length">How many tokens it has.</param>
public readonly record struct PackedPiece(int Number, int Document, int Offset, int Length);

/// <summary>Lays documents into rows; knows their lengths alone. Documents longer than a row are cut into pieces of a row's length.</summary>
public static class SequencePacking
{
    /// <summary>Which pieces stand in which row, from left to right.</summary>
    /// <param name="lengths">Tokens of each document.</param>
    /// <param name="rowLength">Tokens of a row.</param>
    /// <param name="method">How.</param>
    /// <param name="keepShortLastRow">Whether the last row of <see cref="PackingMethod.ConcatenateAndCut"/> is kept when it is short.</param>
    public static IReadOnlyList<IReadOnlyList<PackedPiece>> Plan(IReadOnlyList<int> lengths, int rowLength, PackingMethod method, bool keepShortLastRow = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 1);
        return method switch
        {
            PackingMethod.ConcatenateAndCut => Concatenate(lengths, rowLength, keepShortLastRow),
            PackingMethod.Sequential => Sequential(Cut(lengths, rowLength), rowLength),
            PackingMethod.FirstFitDecreasing => FirstFit(Cut(lengths, rowLength), rowLength),
            PackingMethod.BestFitDecreasing => BestFit(Cut(lengths, rowLength), rowLength),
            _ => throw new ArgumentOutOfRangeException(nameof(method)),
        };
    }

    private static List<List<PackedPiece>> Concatenate(IReadOnlyList<int> lengths, int rowLength, bool keepShortLastRow)
    {
        List<List<PackedPiece>> rows = [];
        int room = 0;
        for (int document = 0; document < lengths.Count; document++)
        {
            for (int offset = 0; offset < lengths[document];)
            {
                if (room == 0)
                {
                    rows.Add([]);
                    room = rowLength;
                }

                int length = Math.Min(room, lengths[document] - offset);
                rows[^1].Add(new PackedPiece(document, document, offset, length));
                offset += length;
                room -= length;
            }
        }

        if (room > 0 && !keepShortLastRow)
        {
            rows.RemoveAt(rows.Count - 1);
        }

        return rows;
    }

    private static List<PackedPiece> Cut(IReadOnlyList<int> lengths, int rowLength)
    {
        List<PackedPiece> pieces = [];
        for (int document = 0; document < lengths.Count; document++)
        {
            for (int offset = 0; offset < lengths[document]; offset += rowLength)
            {
                pieces.Add(new PackedPiece(pieces.Count, document, offset, Math.Min(rowLength, lengths[document] - offset)));
            }
        }

        return pieces;
    }

    private static List<List<PackedPiece>> Sequential(List<PackedPiece> pieces, int rowLength)
    {
        List<List<PackedPiece>> rows = [];
        int room = 0;
        foreach (PackedPiece piece in pieces)
        {
            if (piece.Length > room)
            {
                rows.Add([]);
                room = rowLength;
            }

            rows[^1].Add(piece);
            room -= piece.Length;
        }

        return rows;
    }

    // A tournament tree over the rows' room finds the first row that fits in logarithmic time.
    private static List<List<PackedPiece>> FirstFit(List<PackedPiece> pieces, int rowLength)
    {
        List<List<PackedPiece>> rows = [];
        int leaves = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, pieces.Count));
        int[] room = new int[2 * leaves];
        Array.Fill(room, rowLength);
        foreach (PackedPiece piece in pieces.OrderByDescending(piece => piece.Length))
        {
            int node = 1;
            while (node < leaves)
            {
                node *= 2;
                if (room[node] < piece.Length)
                {
                    node++;
                }
            }

            int row = node - leaves;
            if (row == rows.Count)
            {
                rows.Add([]);
            }

            rows[row].Add(piece);
            room[node] -= piece.Length;
            for (node /= 2; node > 0; node /= 2)
            {
                room[node] = Math.Max(room[2 * node], room[(2 * node) + 1]);
            }
        }

        return rows;
    }

    // Open rows in the order of their room, then of their number: the first that is wide enough is the best.
    private static List<List<PackedPiece>> BestFit(List<PackedPiece> pieces, int rowLength)
    {
        List<List<PackedPiece>> rows = [];
        SortedSet<(int Room, int Row)> open = [];
        foreach (PackedPiece piece in pieces.OrderByDescending(piece => piece.Length))
        {
            int row = rows.Count;
            int room = rowLength;
            using (SortedSet<(int Room, int Row)>.Enumerator fitting = open.GetViewBetween((piece.Length, -1), (rowLength, int.MaxValue)).GetEnumerator())
            {
                if (fitting.MoveNext())
                {
                    (room, row) = fitting.Current;
                }
            }

            if (row == rows.Count)
            {
                rows.Add([]);
            }

            open.Remove((room, row));
            rows[row].Add(piece);
            room -= piece.Length;
            if (room > 0)
            {
                open.Add((room, row));
            }
        }

        return rows;
    }
}
