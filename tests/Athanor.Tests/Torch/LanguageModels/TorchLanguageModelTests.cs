using Athanor.Core.Randomness;
using Athanor.Models.LanguageModels;
using Athanor.Models.Specifications;
using Athanor.Tests.Models;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.LanguageModels;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Torch.LanguageModels;

public sealed class TorchLanguageModelTests
{
    public static TheoryData<int> Indices => [.. Enumerable.Range(0, 12)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void Scores_are_the_executors_log_probabilities(int index)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using AutogradTransformer transformer = Draw(index);
        using TorchLanguageModel model = Open(transformer);
        int[] tokens = Tokens(transformer, 20, index);
        torch.Tensor targets = torch.tensor([.. tokens.Skip(1).Select(id => (long)id), -1L], [1, 20]);
        transformer.Forward(new TokenBatch(1, 20, tokens));
        double[] expected = transformer.Head(targets).LogProbability.data<double>().ToArray();
        float[] scores = model.Score([new ScoringRequest(tokens, 5)], TestContext.Current.CancellationToken)[0];
        Assert.Equal(15, scores.Length);
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.Equal(expected[4 + i], scores[i], 1e-5);
        }
    }

    [Fact]
    public void A_score_depends_on_neither_order_nor_company()
    {
        using AutogradTransformer transformer = AutogradTransformer.Create(ModelPlan.From(TransformerSpec.Llama(97, 64, 32, 2, 4, 2, 8, 48, tiedHead: true)), FloatType.Float32, new RandomStreams(3));
        using TorchLanguageModel model = Open(transformer);
        RandomStream random = new RandomStreams(5).Open("tests/order");
        int[] prefix = Tokens(transformer, 12, 1);
        ScoringRequest[] requests = [.. Enumerable.Range(0, 60).Select(i =>
        {
            int[] own = Tokens(transformer, 2 + random.NextInt32(40), 100 + i);
            int[] tokens = i % 3 == 0 ? [.. prefix, .. own] : own;
            return new ScoringRequest(tokens, i % 3 == 0 ? prefix.Length : 1);
        })];
        IReadOnlyList<float[]> together = model.Score(requests, TestContext.Current.CancellationToken);
        int[] order = [.. Enumerable.Range(0, requests.Length)];
        random.Shuffle<int>(order);
        IReadOnlyList<float[]> shuffled = model.Score([.. order.Select(i => requests[i])], TestContext.Current.CancellationToken);
        for (int i = 0; i < order.Length; i++)
        {
            Assert.Equal(together[order[i]], shuffled[i]);
            Assert.Equal(together[order[i]], model.Score([requests[order[i]]], TestContext.Current.CancellationToken)[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Indices))]
    public void Decoding_with_a_cache_equals_reading_anew(int index)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using AutogradTransformer transformer = Draw(index);
        using TorchLanguageModel model = Open(transformer);
        using IDecodingBatch batch = model.OpenBatch(new DecodingOptions(4, 40));
        LogitsBuffer logits = new(4, model.Info.VocabularySize);
        int[] first = Tokens(transformer, 7, 1);
        int[] second = Tokens(transformer, 11, 2);
        SequenceHandle a = batch.Add(first);
        SequenceHandle b = batch.Add(second);
        SequenceHandle fork = batch.Fork(b);
        batch.Step([new SequenceInput(a, first[^1]), new SequenceInput(b, second[^1]), new SequenceInput(fork, 3)], logits);
        AssertLogits(transformer, first, logits.Row(0));
        AssertLogits(transformer, second, logits.Row(1));
        AssertLogits(transformer, [.. second[..^1], 3], logits.Row(2));

        batch.Remove(a);
        batch.Truncate(b, 4);
        SequenceHandle late = batch.Add(first);
        batch.Step([new SequenceInput(fork, 5), new SequenceInput(late, first[^1]), new SequenceInput(b, 2)], logits);
        AssertLogits(transformer, [.. second[..^1], 3, 5], logits.Row(0));
        AssertLogits(transformer, first, logits.Row(1));
        AssertLogits(transformer, [.. second[..4], 2], logits.Row(2));
    }

    [Fact]
    public void A_full_batch_and_a_long_prompt_are_refused()
    {
        using AutogradTransformer transformer = Draw(0);
        using TorchLanguageModel model = Open(transformer);
        using IDecodingBatch batch = model.OpenBatch(new DecodingOptions(1, 8));
        Assert.Throws<InvalidOperationException>(() => batch.Add(new int[9]));
        SequenceHandle only = batch.Add([1, 2]);
        Assert.Throws<InvalidOperationException>(() => batch.Add([1]));
        Assert.Throws<InvalidOperationException>(() => batch.Fork(only));
        batch.Remove(only);
        batch.Add([1]);
    }

    private static void AssertLogits(AutogradTransformer transformer, int[] tokens, ReadOnlySpan<float> actual)
    {
        using IDisposable noGradient = torch.no_grad();
        transformer.Forward(new TokenBatch(1, tokens.Length, tokens));
        double[] expected = transformer.Logits()[0][tokens.Length - 1].contiguous().data<double>().ToArray();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5);
        }
    }

    private static AutogradTransformer Draw(int index) => AutogradTransformer.Create(ModelPlan.From(RandomSpecs.Draw(index)), FloatType.Float64, new RandomStreams(index));

    private static TorchLanguageModel Open(AutogradTransformer transformer) => TorchLanguageModel.Over("test", transformer.Plan, transformer, null!);

    private static int[] Tokens(AutogradTransformer transformer, int count, int seed)
    {
        RandomStream random = new RandomStreams(seed).Open("tests/tokens");
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt32(transformer.Plan.Spec.VocabularySize))];
    }
}
