using Athanor.Evaluation.NGrams;
using Athanor.Models.LanguageModels;
using Athanor.Statistics.NGrams;
using Athanor.Tests.Generation;
using Athanor.Tokenization;
using Xunit;

namespace Athanor.Tests.Evaluation.NGrams;

public sealed class NGramLanguageModelTests
{
    private static readonly Tokenizer Bytes = FakeLanguageModel.Hashed().Tokenizer;
    private static readonly int[][] Text = [.. new[] { "banana bandana", "a band and a banana", "no nan" }.Select(text => Document(text))];

    [Theory]
    [InlineData("")]
    [InlineData("ban")]
    [InlineData("a band an")]
    [InlineData("xyzzy")]
    public void Its_probabilities_over_the_vocabulary_sum_to_one(string context)
    {
        using NGramLanguageModel model = Train(5);
        int[] before = Document(context);
        ScoringRequest[] every = [.. Enumerable.Range(0, model.Info.VocabularySize).Select(token => new ScoringRequest((int[])[.. before, token], before.Length))];
        double sum = model.Score(every, TestContext.Current.CancellationToken).Sum(score => Math.Exp(score[0]));
        Assert.Equal(1, sum, 5);
    }

    [Fact]
    public void What_it_scores_is_what_it_continues_by()
    {
        using NGramLanguageModel model = Train(4);
        int[] text = Document("a bandana, no banana");
        float[] scores = model.Score([new ScoringRequest(text, 3)], TestContext.Current.CancellationToken)[0];
        using IDecodingBatch batch = model.OpenBatch(new DecodingOptions(2, 100));
        LogitsBuffer logits = new(2, model.Info.VocabularySize);
        SequenceHandle sequence = batch.Add(text.AsSpan(0, 3));
        SequenceHandle fork = batch.Fork(sequence);
        for (int at = 3; at < text.Length; at++)
        {
            batch.Step([new SequenceInput(fork, text[at - 1]), new SequenceInput(sequence, text[at - 1])], logits);
            Assert.Equal(scores[at - 3], logits.Row(0)[text[at]], 4);
            Assert.Equal(scores[at - 3], logits.Row(1)[text[at]], 4);
        }

        // going back and on gives the same
        batch.Truncate(sequence, 2);
        batch.Step([new SequenceInput(sequence, text[2])], logits);
        Assert.Equal(scores[0], logits.Row(0)[text[3]], 4);
    }

    [Fact]
    public void A_batch_takes_no_more_than_it_was_opened_for()
    {
        using NGramLanguageModel model = Train(2);
        using IDecodingBatch batch = model.OpenBatch(new DecodingOptions(1, 3));
        Assert.Throws<InvalidOperationException>(() => batch.Add([1, 2, 3, 4]));
        batch.Remove(batch.Add([1, 2, 3]));
        batch.Add([1]);
        Assert.Throws<InvalidOperationException>(() => batch.Add([1]));
    }

    private static NGramLanguageModel Train(int order) => new("n-gram", NGramModel.Train(Text.Select(document => (ReadOnlyMemory<int>)document), order, Bytes.VocabularySize, begin: 0), Bytes);

    private static int[] Document(string text) => [0, .. Bytes.Encode(text)];
}
