using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Training.Data;
using Athanor.Training.Packing;
using Xunit;

namespace Athanor.Tests.Training.Data;

public sealed class MixedBatchesTests : IDisposable
{
    private readonly TrainingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Batches_are_a_function_of_seed_and_step()
    {
        using MixedBatches one = Open(null);
        using MixedBatches two = Open(null);
        TrainingBatch[][] expected = [.. Enumerable.Range(0, 40).Select(step => one.Batches(step).ToArray())];
        foreach (int step in (int[])[39, 7, 0, 20])
        {
            TrainingBatch[] batches = [.. two.Batches(step)];
            Assert.Equal(expected[step].Select(batch => batch.Tokens.Tokens.ToArray()), batches.Select(batch => batch.Tokens.Tokens.ToArray()));
            Assert.Equal(expected[step].Select(batch => batch.Targets.ToArray()), batches.Select(batch => batch.Targets.ToArray()));
        }
    }

    [Fact]
    public void An_epoch_of_conversations_holds_each_whole_and_once()
    {
        using TokenPart part = TokenPart.Open(_fixture.Tokens, CorpusLayout.Train, TrainingFixture.Talk);
        RowSource source = new(part, 32, PackingMethod.BestFitDecreasing, masked: true, 0, new RandomStreams(1));
        List<string> seen = [];
        TokenRow row = new(33);
        for (long number = source.RowsAnEpoch; number < 2 * source.RowsAnEpoch; number++)
        {
            source.Read(number, row);
            foreach (IGrouping<int, int> document in Enumerable.Range(0, 33).Where(i => row.Documents[i] >= 0).GroupBy(i => row.Documents[i]))
            {
                seen.Add(string.Join(' ', document.Select(i => $"{row.Tokens[i]}/{row.Mask[i]}")));
            }
        }

        IEnumerable<string> expected = Enumerable.Range(0, part.Documents).Select(document =>
        {
            int[] tokens = new int[part.LengthOf(document)];
            int[] mask = new int[tokens.Length];
            part.Read(document, 0, tokens);
            part.ReadMask(document, 0, mask);
            return string.Join(' ', tokens.Zip(mask, (token, flag) => $"{token}/{flag}"));
        });
        Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_stream_s_rows_follow_each_other_without_gap_and_change_order_each_epoch()
    {
        using TokenPart part = TokenPart.Open(_fixture.Tokens, CorpusLayout.Train, TrainingFixture.Text);
        RowSource source = new(part, 32, PackingMethod.ConcatenateAndCut, masked: true, 0, new RandomStreams(1));
        List<int> stream = [];
        List<int> second = [];
        TokenRow row = new(33);
        for (long number = 0; number < source.RowsAnEpoch; number++)
        {
            source.Read(number, row);
            if (stream.Count > 0)
            {
                Assert.Equal(stream[^1], row.Tokens[0]);
                stream.RemoveAt(stream.Count - 1);
            }

            stream.AddRange(row.Tokens);
            source.Read(source.RowsAnEpoch + number, row);
            second.AddRange(row.Tokens.Take(32));
        }

        Assert.InRange(part.Tokens - stream.Count, 0, 32);
        Assert.NotEqual(stream.Take(second.Count), second);
    }

    [Fact]
    public void Targets_are_the_next_tokens_of_the_same_document_that_the_mask_allows()
    {
        TokenRow row = new(7) { Continuous = true };
        (int Token, int Document, int Mask)[] places = [(9, 0, 1), (8, 0, 1), (7, 1, 1), (6, 1, 0), (5, 1, 1), (0, -1, 0), (0, -1, 0)];
        for (int i = 0; i < 7; i++)
        {
            (row.Tokens[i], row.Documents[i], row.Mask[i]) = places[i];
        }

        long[] targets = new long[6];
        Assert.Equal(2, row.WriteTargets(targets, acrossDocuments: false));
        Assert.Equal([8, -1, -1, 5, -1, -1], targets);
        Assert.Equal(3, row.WriteTargets(targets, acrossDocuments: true));
        Assert.Equal([8, 7, -1, 5, -1, -1], targets);
    }

    [Fact]
    public void A_part_that_the_tokens_lack_is_refused_with_those_there_are()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => Open(new() { ["txet"] = 1 }));
        Assert.Contains("txet", fault.Message, StringComparison.Ordinal);
        Assert.Contains(TrainingFixture.Talk, fault.Cure, StringComparison.Ordinal);
        Assert.Throws<AthanorException>(() => Open(new() { [TrainingFixture.Text] = double.NaN }));
    }

    [Fact]
    public void Shares_are_shares_of_the_tokens()
    {
        using MixedBatches batches = Open(new() { [TrainingFixture.Text] = 3, [TrainingFixture.Talk] = 1 });
        Assert.Equal(0.75, batches.Shares[TrainingFixture.Text], 12);
        int[] documents = [.. Enumerable.Range(0, 100).SelectMany(step => batches.Batches(step)).SelectMany(batch => batch.Tokens.Documents.ToArray())];
        Assert.True(documents.Length > 0);
        Assert.Empty(batches.LeftOut);
        using MixedBatches one = Open(new() { [TrainingFixture.Text] = 1 });
        Assert.Equal([TrainingFixture.Talk], one.LeftOut);
    }

    private MixedBatches Open(Dictionary<string, double>? mixture) => new(_fixture.Tokens, mixture, new BatchSettings { ContextLength = 32, Rows = 5, MicroBatchRows = 2, AttentionAcrossDocuments = false }, new RandomStreams(5));
}
