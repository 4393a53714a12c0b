using System.Runtime.InteropServices;
using Athanor.Core.Randomness;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Models.Specifications;
using Athanor.Tests.Generation;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.LanguageModels;
using Athanor.Torch.Measuring;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Torch.LanguageModels;

/// <summary>What a sequence gets does not depend on the others, to the bit.</summary>
public sealed class CompanyTests : IDisposable
{
    private readonly AutogradTransformer _transformer = AutogradTransformer.Create(
        ModelPlan.From(TransformerSpec.Llama(FakeLanguageModel.Vocabulary, 128, 104, 2, 4, 2, 26, 280, tiedHead: true)), FloatType.Float32, new RandomStreams(3));

    private readonly TorchLanguageModel _model;

    public CompanyTests() => _model = TorchLanguageModel.Over("tiny", _transformer.Plan, _transformer, FakeLanguageModel.Hashed().Tokenizer);

    public void Dispose()
    {
        _model.Dispose();
        _transformer.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_score_is_the_same_whatever_is_scored_beside_it(bool oneDnn)
    {
        ScoringRequest[] requests = [.. Enumerable.Range(0, 28).Select(number => Request(number))];
        With(oneDnn, () =>
        {
            IReadOnlyList<float[]> together = _model.Score(requests, TestContext.Current.CancellationToken);
            foreach (int batch in (int[])[1, 11])
            {
                int[] order = Shuffled(requests.Length, batch);
                float[][] apart = [.. order.Chunk(batch).SelectMany(some => _model.Score([.. some.Select(index => requests[index])], TestContext.Current.CancellationToken))];
                for (int place = 0; place < order.Length; place++)
                {
                    Assert.Equal(Bits(together[order[place]]), Bits(apart[place]));
                }
            }
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_logits_of_a_growing_sequence_are_the_same_whatever_grows_beside_it(bool oneDnn)
    {
        int[][] prompts = [.. Enumerable.Range(0, 12).Select(number => Request(number).Tokens.ToArray())];
        With(oneDnn, () =>
        {
            uint[][] together = Logits(prompts);
            foreach (int batch in (int[])[1, 5])
            {
                int[] order = Shuffled(prompts.Length, batch);
                uint[][] apart = [.. order.Chunk(batch).SelectMany(some => Logits([.. some.Select(index => prompts[index])]))];
                for (int place = 0; place < order.Length; place++)
                {
                    Assert.Equal(together[order[place]], apart[place]);
                }
            }
        });
    }

    [Fact]
    public void A_greedy_answer_is_the_same_in_every_batch()
    {
        int[][] prompts = [.. Enumerable.Range(0, 30).Select(number => Request(number).Tokens.ToArray())];
        GenerationSettings settings = GenerationSettings.Greedy with { MaximumTokens = 8 };
        IReadOnlyList<GenerationResult> together = new Generator(_model, 64) { Independent = true }.Generate(prompts, settings, cancellation: TestContext.Current.CancellationToken);
        int[] order = Shuffled(prompts.Length, 3);
        IReadOnlyList<GenerationResult> others = new Generator(_model, 5) { Independent = true }.Generate([.. order.Select(index => prompts[index])], settings, cancellation: TestContext.Current.CancellationToken);
        for (int place = 0; place < order.Length; place++)
        {
            Assert.Equal(together[order[place]].Tokens, others[place].Tokens);
        }
    }

    private static void With(bool oneDnn, Action test)
    {
        (ProductBackend before, int threads) = (Float32Products.Current, torch.get_num_threads());
        try
        {
            if (!Float32Products.Use(oneDnn ? ProductBackend.OneDnn : ProductBackend.Mkl))
            {
                Assert.Skip("oneDNN gives no full precision here");
            }

            foreach (int count in (int[])[1, 3])
            {
                torch.set_num_threads(count);
                test();
            }
        }
        finally
        {
            Float32Products.Use(before);
            torch.set_num_threads(threads);
        }
    }

    private uint[][] Logits(int[][] prompts)
    {
        using IDecodingBatch batch = _model.OpenBatch(new DecodingOptions(prompts.Length, 100) { Independent = true });
        LogitsBuffer logits = new(prompts.Length, FakeLanguageModel.Vocabulary);
        batch.Step([.. prompts.Select(prompt => new SequenceInput(batch.Add(prompt), prompt[^1]))], logits);
        return [.. prompts.Select((_, row) => Bits(logits.Row(row).ToArray()))];
    }

    private static ScoringRequest Request(int number)
    {
        RandomStream random = new RandomStreams(9).Open("company", number);

        // some share their beginning, as the choices of a question do
        int[] tokens = [0, 3, .. Enumerable.Range(0, 10 + (number / 4 % 50)).Select(at => 5 + ((number / 4 * 31) + (at * 7)) % 256), .. Enumerable.Range(0, 1 + random.NextInt32(20)).Select(_ => random.NextInt32(FakeLanguageModel.Vocabulary))];
        return new ScoringRequest(tokens, 1 + random.NextInt32(tokens.Length - 1));
    }

    private static int[] Shuffled(int count, int seed)
    {
        RandomStream random = new RandomStreams(seed).Open("company/order");
        return [.. Enumerable.Range(0, count).OrderBy(_ => random.NextUInt32())];
    }

    private static uint[] Bits(float[] values) => MemoryMarshal.Cast<float, uint>(values).ToArray();
}
