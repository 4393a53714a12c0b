using Athanor.Training.Packing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Training.Packing;

public sealed class SequencePackingTests
{
    [Fact]
    public void Every_token_stands_in_one_row_and_no_row_overflows()
    {
        Prop.ForAll(
            Gen.Choose(0, 40).ListOf().SelectMany(_ => Gen.Choose(1, 20), (lengths, row) => (lengths, row)).SelectMany(_ => Gen.Elements(Enum.GetValues<PackingMethod>()), (sample, method) => (sample.lengths, sample.row, method)).ToArbitrary(),
            sample =>
            {
                int[] lengths = [.. sample.lengths];
                IReadOnlyList<IReadOnlyList<PackedPiece>> rows = SequencePacking.Plan(lengths, sample.row, sample.method);
                List<(int, int)> tokens = [.. rows.SelectMany(row => row).SelectMany(piece => Enumerable.Range(piece.Offset, piece.Length).Select(offset => (piece.Document, offset)))];
                return rows.All(row => row.Sum(piece => piece.Length) <= sample.row && row.Count > 0)
                    && tokens.Count == lengths.Sum() && tokens.Distinct().Count() == tokens.Count;
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Best_fit_needs_few_more_rows_than_any_packing_could()
    {
        int[] lengths = [.. Enumerable.Range(0, 5000).Select(i => 3 + (i * 7919 % 60))];
        int rows = SequencePacking.Plan(lengths, 257, PackingMethod.BestFitDecreasing).Count;
        Assert.InRange(rows, lengths.Sum() / 257, (lengths.Sum() / 257) + 2);
    }
}
