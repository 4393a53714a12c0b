using Athanor.Core.Randomness;
using Athanor.Models.Specifications;
using Athanor.Tests.Models;
using Athanor.Torch;
using Athanor.Torch.Executors;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Torch.Executors;

public sealed class AutogradTransformerTests
{
    public static TheoryData<int> Indices => [.. Enumerable.Range(0, 12)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void Packed_documents_give_what_they_give_alone(int index)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using AutogradTransformer transformer = Draw(index, FloatType.Float64);
        int[] first = Tokens(transformer, 9, 1);
        int[] second = Tokens(transformer, 6, 2);
        int[] packed = [.. first, .. second, 0];
        int[] documents = [.. Enumerable.Repeat(0, 9), .. Enumerable.Repeat(1, 6), -1];
        torch.Tensor together = transformer.Forward(new TokenBatch(1, 16, packed, documents)).clone();
        torch.Tensor alone = transformer.Forward(new TokenBatch(1, 9, first)).clone();
        AssertClose(together[0].narrow(0, 0, 9), alone[0]);
        AssertClose(together[0].narrow(0, 9, 6), transformer.Forward(new TokenBatch(1, 6, second))[0]);
        Assert.True(together.isfinite().all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Indices))]
    public void Gradients_are_the_slope_of_the_loss(int index)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using AutogradTransformer transformer = Draw(index, FloatType.Float64);
        TokenBatch batch = new(2, 7, Tokens(transformer, 14, 3));
        torch.Tensor targets = torch.tensor(Tokens(transformer, 14, 4).Select((id, i) => i % 5 == 0 ? -1L : id).ToArray(), [2, 7]);
        torch.Tensor onTarget = torch.linspace(-1, 1, 14, dtype: torch.float64).view(2, 7) * targets.ge(0);
        torch.Tensor onPartition = onTarget * 0.3;
        torch.Tensor onMean = onTarget * -0.2;

        double Loss()
        {
            using IDisposable noGradient = torch.no_grad();
            transformer.Forward(batch);
            HeadOutput head = transformer.Head(targets);
            return ((head.LogProbability * onTarget) + (head.LogPartition * onPartition) + (head.MeanLogProbability * onMean)).sum().item<double>();
        }

        transformer.ClearGradients();
        transformer.Forward(batch);
        transformer.Head(targets);
        transformer.Backward(new HeadOutput(onTarget, onPartition, onMean));
        foreach ((string name, torch.Tensor weight) in transformer.Weights)
        {
            // along a fixed direction, by central differences
            torch.Tensor direction = torch.sin(torch.arange(weight.numel(), dtype: torch.float64) + 1).view(weight.shape);
            double expected = (transformer.Gradients[name] * direction).sum().item<double>();
            const double Small = 1e-5;
            using (torch.no_grad())
            {
                weight.add_(direction * Small);
                double above = Loss();
                weight.sub_(direction * (2 * Small));
                double below = Loss();
                weight.add_(direction * Small);
                Assert.True(Math.Abs(expected - ((above - below) / (2 * Small))) < 1e-5 * Math.Max(1, Math.Abs(expected)), $"{name}: {expected} but {(above - below) / (2 * Small)}");
            }
        }
    }

    [Fact]
    public void Gradients_of_batches_add_up_until_they_are_cleared()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using AutogradTransformer transformer = Draw(1, FloatType.Float64);
        torch.Tensor once = Gradient(transformer, 1);
        torch.Tensor twice = Gradient(transformer, 2);
        AssertClose(once * 2, twice);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using AutogradTransformer one = Draw(2, FloatType.Float32);
        using AutogradTransformer other = Draw(2, FloatType.Float32);
        Assert.True(Gradient(one, 1).equal(Gradient(other, 1)).all().item<bool>());
    }

    [Fact]
    public void Bfloat16_stays_near_single_precision()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(64, 32, 32, 2, 2, 1, 16, 48, tiedHead: true));
        using AutogradTransformer single = AutogradTransformer.Create(plan, FloatType.Float32, new RandomStreams(1));
        using AutogradTransformer brain = AutogradTransformer.Create(plan, FloatType.BFloat16, new RandomStreams(1));
        torch.Tensor expected = Gradient(single, 1);
        double error = ((Gradient(brain, 1) - expected).norm() / expected.norm()).item<float>();
        Assert.InRange(error, 1e-6, 0.05);
    }

    private static torch.Tensor Gradient(AutogradTransformer transformer, int times)
    {
        transformer.ClearGradients();
        torch.Tensor targets = torch.tensor(Array.ConvertAll(Tokens(transformer, 14, 4), id => (long)id), [2, 7]);
        for (int i = 0; i < times; i++)
        {
            transformer.Forward(new TokenBatch(2, 7, Tokens(transformer, 14, 3)));
            HeadOutput head = transformer.Head(targets);
            torch.Tensor zero = torch.zeros_like(head.LogProbability);
            transformer.Backward(new HeadOutput(zero - 1, zero, zero));
        }

        return torch.cat([.. transformer.Gradients.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.reshape(-1))]);
    }

    private static AutogradTransformer Draw(int index, FloatType type) => AutogradTransformer.Create(ModelPlan.From(RandomSpecs.Draw(index)), type, new RandomStreams(index));

    private static int[] Tokens(AutogradTransformer transformer, int count, int seed)
    {
        RandomStream random = new RandomStreams(seed).Open("tests/tokens");
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt32(transformer.Plan.Spec.VocabularySize))];
    }

    private static void AssertClose(torch.Tensor expected, torch.Tensor actual) => Assert.InRange((expected - actual).abs().max().item<double>(), 0, 1e-9);
}
