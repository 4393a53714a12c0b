using Athanor.Core.Randomness;
using Athanor.Models.Specifications;
using Athanor.Tests.Models;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Training.Optimizers;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Torch.Executors;

public sealed class FusedTransformerTests
{
    public static TheoryData<int> Indices => [.. Enumerable.Range(0, 24)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void It_computes_what_double_precision_computes(int index)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelPlan plan = ModelPlan.From(RandomSpecs.Draw(index));
        Compare(plan, index, FloatType.Float32, 2e-4);
    }

    [Theory]
    [InlineData(70, 3)]
    [InlineData(64, 1)]
    [InlineData(131, 2)]
    public void Rows_longer_than_a_block_of_queries_are_whole(int length, int keyHeads)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        TransformerSpec spec = TransformerSpec.Llama(97, 200, 48, 2, 6, keyHeads, 8, 40, tiedHead: true);
        Compare(ModelPlan.From(spec), length, FloatType.Float32, 2e-4, rows: 2, length: length);
        LayerSpec sliding = spec.Layers[0] with { Attention = spec.Layers[0].Attention with { SlidingWindow = 37 } };
        Compare(ModelPlan.From(spec with { Layers = [sliding, spec.Layers[1]] }), length, FloatType.Float32, 2e-4, rows: 2, length: length);
    }

    [Fact]
    public void Bfloat16_is_as_near_to_double_precision_as_automatic_gradients_in_it()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(97, 64, 64, 2, 4, 2, 16, 96, tiedHead: true));
        (torch.Tensor expected, _, _) = Run(AutogradTransformer.Create(plan, FloatType.Float64, new RandomStreams(5)), 5, 2, 64);
        (torch.Tensor eager, _, _) = Run(AutogradTransformer.Create(plan, FloatType.BFloat16, new RandomStreams(5)), 5, 2, 64);
        (torch.Tensor fused, _, _) = Run(FusedTransformer.Create(plan, FloatType.BFloat16, new RandomStreams(5)), 5, 2, 64);
        double own = Distance(fused, expected);
        Assert.InRange(own, 1e-5, 1.5 * Distance(eager, expected));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(97, 200, 48, 2, 6, 3, 8, 40, tiedHead: false));
        foreach (FloatType type in (FloatType[])[FloatType.Float32, FloatType.BFloat16])
        {
            (torch.Tensor one, _, _) = Run(FusedTransformer.Create(plan, type, new RandomStreams(2)), 3, 3, 70);
            (torch.Tensor other, _, _) = Run(FusedTransformer.Create(plan, type, new RandomStreams(2)), 3, 3, 70);
            Assert.True(one.equal(other).all().item<bool>());
        }
    }

    [Fact]
    public void The_loss_in_one_pass_is_that_of_head_and_backward()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(97, 200, 48, 2, 6, 3, 8, 40, tiedHead: true));
        using FusedTransformer fused = FusedTransformer.Create(plan, FloatType.Float32, new RandomStreams(2));
        (TokenBatch batch, torch.Tensor targets) = Batch(plan, 3, 2, 70, masked: true);
        const double Smoothing = 0.1;
        const double ZLoss = 1e-2;
        long count = targets.ge(0).sum().item<long>();
        fused.ClearGradients();
        fused.Forward(batch);
        HeadOutput head = fused.Head(targets);
        torch.Tensor weights = targets.ge(0).to(torch.float32) / count;
        double expected = (weights * ((head.LogProbability * (Smoothing - 1)) - (head.MeanLogProbability * Smoothing) + (head.LogPartition.square() * ZLoss))).sum().item<float>();
        fused.Backward(new HeadOutput(weights * (Smoothing - 1), weights * head.LogPartition * (2 * ZLoss), weights * -Smoothing));
        torch.Tensor gradient = Gradient(fused);
        fused.ClearGradients();
        Assert.Equal(expected, fused.Accumulate(batch, targets.data<long>().ToArray(), Smoothing, ZLoss, count), 1e-5);
        Assert.InRange(Distance(Gradient(fused), gradient), 0, 1e-6);
    }

    [Fact]
    public void A_steady_step_allocates_nothing()
    {
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(97, 200, 48, 2, 6, 3, 8, 40, tiedHead: true));
        foreach (FloatType type in (FloatType[])[FloatType.Float32, FloatType.BFloat16])
        {
            using FusedTransformer fused = FusedTransformer.Create(plan, type, new RandomStreams(2));
            using OptimizerSet optimizers = OptimizerSet.For(plan, fused.Weights, new OptimizerSettings { Choice = OptimizerChoice.MuonAndAdamw, MatrixLearningRate = 1e-6, LearningRate = 1e-6 });
            (TokenBatch batch, torch.Tensor targets) = Batch(plan, 3, 2, 64, masked: true);
            long[] wanted = targets.data<long>().ToArray();
            targets.Dispose();
            for (int i = 0; i < 3; i++)
            {
                fused.ClearGradients();
                fused.Accumulate(batch, wanted, 0, 0, wanted.Length);
                optimizers.Step(fused.Gradients, 1, fused.GradientNorm());
            }

            long tensors = torch.Tensor.TotalCount;
            long before = GC.GetAllocatedBytesForCurrentThread();
            fused.ClearGradients();
            fused.Accumulate(batch, wanted, 0, 0, wanted.Length);
            optimizers.Step(fused.Gradients, 1, fused.GradientNorm());
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(tensors, torch.Tensor.TotalCount);
        }
    }

    [Fact]
    public void What_is_not_a_number_stays_so()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(97, 64, 48, 2, 6, 3, 8, 40, tiedHead: true));
        using FusedTransformer fused = FusedTransformer.Create(plan, FloatType.Float32, new RandomStreams(2));
        (TokenBatch batch, torch.Tensor targets) = Batch(plan, 3, 1, 20, masked: false);
        using (torch.no_grad())
        {
            fused.Weights["layers.0.attention.query.weight"][0, 0] = torch.tensor(float.NaN);
        }

        Assert.False(double.IsFinite(fused.Accumulate(batch, targets.data<long>().ToArray(), 0, 0, 20)));
    }

    [Fact]
    public void Double_precision_is_refused_by_name()
    {
        ModelPlan plan = ModelPlan.From(RandomSpecs.Draw(1));
        Assert.Contains("double precision", Assert.Throws<NotSupportedException>(() => FusedTransformer.Create(plan, FloatType.Float64, new RandomStreams(1))).Message, StringComparison.Ordinal);
    }

    private static void Compare(ModelPlan plan, int seed, FloatType type, double tolerance, int rows = 3, int length = 23)
    {
        (torch.Tensor expected, torch.Tensor expectedHidden, torch.Tensor expectedHead) = Run(AutogradTransformer.Create(plan, FloatType.Float64, new RandomStreams(seed)), seed, rows, length);
        (torch.Tensor gradient, torch.Tensor hidden, torch.Tensor head) = Run(FusedTransformer.Create(plan, type, new RandomStreams(seed)), seed, rows, length);
        (torch.Tensor single, torch.Tensor singleHidden, _) = Run(AutogradTransformer.Create(plan, type, new RandomStreams(seed)), seed, rows, length);
        Assert.InRange(Distance(hidden, expectedHidden), 0, Math.Max(1e-6, 4 * Distance(singleHidden, expectedHidden)));
        Assert.InRange((head - expectedHead).abs().max().item<double>(), 0, tolerance);
        Assert.InRange(Distance(gradient, expected), 0, Math.Max(1e-6, 4 * Distance(single, expected)));
    }

    private static (torch.Tensor Gradient, torch.Tensor Hidden, torch.Tensor Head) Run(ITrainableTransformer transformer, int seed, int rows, int length)
    {
        using (transformer)
        {
            ModelPlan plan = transformer is FusedTransformer fused ? fused.Plan : ((AutogradTransformer)transformer).Plan;
            (TokenBatch batch, torch.Tensor targets) = Batch(plan, seed, rows, length, masked: seed % 3 != 0);
            int[] documents = [.. Enumerable.Range(0, rows * length).Select(i => i % length >= length - 2 ? -1 : i % length / 9)];
            batch = seed % 2 == 0 ? batch : batch with { Documents = documents };
            torch.Tensor onTarget = (torch.linspace(-1, 1, rows * length, dtype: torch.float64).view(rows, length) * targets.ge(0)).to(transformer.Weights.First().Value.dtype);
            transformer.ClearGradients();
            torch.Tensor hidden = transformer.Forward(batch).detach().to(torch.float64, copy: true);
            HeadOutput head = transformer.Head(targets);
            transformer.Backward(new HeadOutput(onTarget, onTarget * 0.3, onTarget * -0.2));
            return (Gradient(transformer), hidden, torch.stack([head.LogProbability, head.LogPartition, head.MeanLogProbability]).detach().to(torch.float64));
        }
    }

    private static (TokenBatch Batch, torch.Tensor Targets) Batch(ModelPlan plan, int seed, int rows, int length, bool masked)
    {
        RandomStream random = new RandomStreams(seed).Open("tests/tokens");
        int[] tokens = [.. Enumerable.Range(0, rows * length).Select(_ => random.NextInt32(plan.Spec.VocabularySize))];
        long[] targets = [.. Enumerable.Range(0, rows * length).Select(i => masked && i % 5 == 0 ? -1L : random.NextInt32(plan.Spec.VocabularySize))];
        return (new TokenBatch(rows, length, tokens), torch.tensor(targets, [rows, length]));
    }

    private static torch.Tensor Gradient(ITrainableTransformer transformer) =>
        torch.cat([.. transformer.Gradients.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.reshape(-1))]).to(torch.float64);

    private static double Distance(torch.Tensor one, torch.Tensor other) => ((one - other).norm() / other.norm()).item<double>();
}
