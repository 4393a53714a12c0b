namespace Athanor.Training.Data;

/// <summary>
/// Which part gives the next row: always the one that lags furthest behind its share of the tokens, so that every stretch of training holds the mixture as
/// closely as rows allow. The order is a function of the shares alone.
/// </summary>
public sealed class RowMixture
{
    private readonly double[] _shares;
    private readonly double[] _tokensARow;
    private readonly double[] _used;
    private readonly long[] _rows;
    private double _total;

    /// <summary>Begins at row 0.</summary>
    /// <param name="shares">Each part's share of the tokens; they need not add up to one.</param>
    /// <param name="tokensARow">The mean number of tokens in a row of each part.</param>
    public RowMixture(IReadOnlyList<double> shares, IReadOnlyList<double> tokensARow)
    {
        double sum = shares.Sum();
        _shares = [.. shares.Select(share => share / sum)];
        _tokensARow = [.. tokensARow];
        _used = new double[_shares.Length];
        _rows = new long[_shares.Length];
    }

    /// <summary>How many rows were given.</summary>
    public long Position { get; private set; }

    /// <summary>The part of the next row, and the row's number in that part.</summary>
    public (int Part, long Row) Next()
    {
        int chosen = 0;
        double largest = double.NegativeInfinity;
        for (int part = 0; part < _shares.Length; part++)
        {
            // what the part would lack if the next row were another's, in rows of its own
            double lack = ((_shares[part] * (_total + _tokensARow[part])) - _used[part]) / _tokensARow[part];
            if (_shares[part] > 0 && lack > largest)
            {
                largest = lack;
                chosen = part;
            }
        }

        _used[chosen] += _tokensARow[chosen];
        _total += _tokensARow[chosen];
        Position++;
        return (chosen, _rows[chosen]++);
    }

    /// <summary>Moves to a row by going through those before it.</summary>
    public void Seek(long position)
    {
        if (position < Position)
        {
            Array.Clear(_used);
            Array.Clear(_rows);
            _total = 0;
            Position = 0;
        }

        while (Position < position)
        {
            Next();
        }
    }
}
