using Athanor.Core.Randomness;
using Athanor.Training.Packing;

namespace Athanor.Training.Data;

/// <summary>
/// The rows of one part, one after another without end: each epoch lays the documents in a new order. A row is a function of seed and number, so any row
/// can be asked for at any time; asking in order costs one epoch's plan an epoch.
/// </summary>
public sealed class RowSource
{
    private readonly TokenPart _part;
    private readonly RandomStreams? _random;
    private readonly PackingMethod _method;
    private readonly int _rowLength;
    private readonly int _padding;
    private readonly bool _masked;
    private readonly bool _whole;
    private readonly int[] _lengths;
    private int[] _order = [];
    private IReadOnlyList<PackedPiece>[] _rows = [];
    private long[] _starts = [];
    private long _epoch = -1;

    /// <summary>Prepares the rows of a part.</summary>
    /// <param name="part">The part; belongs to the caller.</param>
    /// <param name="contextLength">Positions of a row. A row carries one token more, since each position predicts the next token.</param>
    /// <param name="method">How documents are laid. A stream's rows (<see cref="PackingMethod.ConcatenateAndCut"/>) share the token at their border.</param>
    /// <param name="masked">Whether only tokens that the part marks count in the loss.</param>
    /// <param name="padding">The token on empty places.</param>
    /// <param name="random">Shuffles documents, anew in each epoch; null keeps their order.</param>
    public RowSource(TokenPart part, int contextLength, PackingMethod method, bool masked, int padding, RandomStreams? random)
    {
        _part = part;
        _random = random;
        _method = method;
        _rowLength = contextLength + 1;
        _padding = padding;
        _masked = masked && part.HasMask;
        // a conversation is never cut in two: what does not fit in a row is left out at its end
        _whole = part.HasMask;
        _lengths = [.. Enumerable.Range(0, part.Documents).Select(part.LengthOf)];
        Truncated = _whole ? _lengths.Count(length => length > _rowLength) : 0;
        if (_method == PackingMethod.ConcatenateAndCut)
        {
            RowsAnEpoch = Math.Max(1, (part.Tokens - 1) / contextLength);
            TokensARow = Math.Min(contextLength, Math.Max(1, part.Tokens - 1));
        }
        else
        {
            Plan(0);
            RowsAnEpoch = _rows.Length;
            TokensARow = _rows.Sum(row => row.Sum(piece => piece.Length)) / (double)_rows.Length;
        }
    }

    /// <summary>The part's name.</summary>
    public string Name => _part.Name;

    /// <summary>How many rows the part gives before its documents come again.</summary>
    public long RowsAnEpoch { get; }

    /// <summary>The mean number of tokens in a row, padding left out.</summary>
    public double TokensARow { get; }

    /// <summary>How many conversations are longer than a row and lose their end.</summary>
    public int Truncated { get; }

    /// <summary>Lays a row.</summary>
    /// <param name="number">Its number, counted from the beginning of training.</param>
    /// <param name="row">Where to; of the row's length.</param>
    public void Read(long number, TokenRow row)
    {
        Plan(number / RowsAnEpoch);
        int index = (int)(number % RowsAnEpoch);
        if (_method == PackingMethod.ConcatenateAndCut)
        {
            ReadFromStream(index, row);
        }
        else
        {
            ReadPacked(index, row);
        }
    }

    private void Plan(long epoch)
    {
        if (epoch == _epoch)
        {
            return;
        }

        _order = [.. Enumerable.Range(0, _lengths.Length)];
        RandomStream? random = _random?.Open($"training/shuffle/{Name}", epoch);
        random?.Shuffle(_order.AsSpan());
        if (_method == PackingMethod.ConcatenateAndCut)
        {
            _starts = new long[_order.Length + 1];
            for (int i = 0; i < _order.Length; i++)
            {
                _starts[i + 1] = _starts[i] + _lengths[_order[i]];
            }
        }
        else
        {
            int[] lengths = Array.ConvertAll(_order, document => _whole ? Math.Min(_lengths[document], _rowLength) : _lengths[document]);
            _rows = [.. SequencePacking.Plan(lengths, _rowLength, _method)];
            random?.Shuffle(_rows.AsSpan());
        }

        _epoch = epoch;
    }

    private void ReadFromStream(int index, TokenRow row)
    {
        long position = (long)index * (_rowLength - 1);
        int found = Array.BinarySearch(_starts, position);
        int next = found >= 0 ? found : ~found - 1;
        int filled = 0;
        for (int number = 0; filled < _rowLength && next < _order.Length; next++)
        {
            int offset = (int)(position + filled - _starts[next]);
            int count = Math.Min(_lengths[_order[next]] - offset, _rowLength - filled);
            if (count > 0)
            {
                Copy(_order[next], offset, row, filled, count, number++);
                filled += count;
            }
        }

        Pad(row, filled);
        row.Continuous = true;
    }

    private void ReadPacked(int index, TokenRow row)
    {
        int filled = 0;
        int number = 0;
        foreach (PackedPiece piece in _rows[index])
        {
            Copy(_order[piece.Document], piece.Offset, row, filled, piece.Length, number++);
            filled += piece.Length;
        }

        Pad(row, filled);
        row.Continuous = false;
    }

    private void Copy(int document, int offset, TokenRow row, int at, int count, int number)
    {
        _part.Read(document, offset, row.Tokens.AsSpan(at, count));
        row.Documents.AsSpan(at, count).Fill(number);
        if (_masked)
        {
            _part.ReadMask(document, offset, row.Mask.AsSpan(at, count));
        }
        else
        {
            row.Mask.AsSpan(at, count).Fill(1);
        }
    }

    private void Pad(TokenRow row, int filled)
    {
        row.Tokens.AsSpan(filled).Fill(_padding);
        row.Documents.AsSpan(filled).Fill(-1);
        row.Mask.AsSpan(filled).Clear();
    }
}
