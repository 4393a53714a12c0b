using Athanor.Core.Randomness;
using Athanor.Training.Optimizers;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Training.Optimizers;

public sealed class OptimizerTests
{
    public static TheoryData<string> Names => ["adam", "muon", "lion", "sgd", "adafactor"];

    [Theory]
    [MemberData(nameof(Names))]
    public void State_that_was_saved_and_restored_goes_on_as_if_nothing_had_been(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        OptimizedParameter[] whole = Parameters(torch.ScalarType.Float32);
        OptimizedParameter[] cut = Parameters(torch.ScalarType.Float32);
        using Optimizer undisturbed = Create(name, whole);
        using Optimizer first = Create(name, cut);
        for (int step = 0; step < 4; step++)
        {
            undisturbed.Step(Gradients(whole, step), 0.01);
            first.Step(Gradients(cut, step), 0.01);
        }

        using Optimizer second = Create(name, cut);
        second.Steps = first.Steps;
        foreach ((string key, torch.Tensor tensor) in first.State)
        {
            second.State[key].copy_(tensor);
        }

        for (int step = 4; step < 8; step++)
        {
            undisturbed.Step(Gradients(whole, step), 0.01);
            second.Step(Gradients(cut, step), 0.01);
        }

        Assert.All(whole.Zip(cut), pair => Assert.Equal(pair.First.Weight.bytes, pair.Second.Weight.bytes));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_kernel_of_Adam_computes_what_the_operations_compute(bool decoupled)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        AdamSettings settings = new() { WeightDecay = 0.1, Decoupled = decoupled };
        OptimizedParameter[] fused = [new OptimizedParameter("w", Values(300_001, 1), Decays: true)];
        OptimizedParameter[] plain = [new OptimizedParameter("w", Values(300_001, 1), Decays: true)];
        using Adam one = new(fused, settings);
        using Adam two = new(plain, settings);
        for (int step = 0; step < 3; step++)
        {
            torch.Tensor gradient = Values(600_002, step + 2).view(300_001, 2);
            one.Step(new Dictionary<string, torch.Tensor> { ["w"] = gradient.select(1, 0).contiguous() }, 0.01);
            two.Step(new Dictionary<string, torch.Tensor> { ["w"] = gradient.select(1, 0) }, 0.01);
        }

        Assert.InRange((fused[0].Weight - plain[0].Weight).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void Matrices_together_are_orthogonalised_as_each_alone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        OptimizedParameter[] together = Parameters(torch.ScalarType.Float64);
        OptimizedParameter[] alone = Parameters(torch.ScalarType.Float64);
        MuonSettings settings = new() { Scale = MuonScale.RootMeanSquare };
        using Muon one = new(together, settings);
        one.Step(Gradients(together, 1), 0.1);
        foreach (OptimizedParameter parameter in alone)
        {
            using Muon single = new([parameter], settings);
            single.Step(Gradients(alone, 1), 0.1);
        }

        Assert.All(together.Zip(alone), pair => Assert.InRange((pair.First.Weight - pair.Second.Weight).abs().max().item<double>(), 0, 1e-12));
    }

    [Fact]
    public void Only_weights_that_decay_are_pulled_at()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        OptimizedParameter[] parameters = [new("decays", torch.ones(3), Decays: true), new("stays", torch.ones(3), Decays: false)];
        using Adam adam = new(parameters, new AdamSettings { WeightDecay = 0.5 });
        adam.Step(parameters.ToDictionary(parameter => parameter.Name, _ => torch.zeros(3)), 0.1);
        Assert.Equal(0.95f, parameters[0].Weight[0].item<float>(), 6);
        Assert.Equal(1f, parameters[1].Weight[0].item<float>());
    }

    [Fact]
    public void The_norm_of_gradients_is_not_finite_when_one_of_them_is_not()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor gradient = torch.ones(100);
        Assert.Equal(10, GradientClipping.Norm([gradient]), 12);
        Assert.Equal(Math.Sqrt(200), GradientClipping.Norm([gradient, torch.ones(10, 10, dtype: torch.ScalarType.Float64).t()]), 12);
        gradient[57] = float.NaN;
        Assert.False(double.IsFinite(GradientClipping.Norm([gradient])));
    }

    private static Optimizer Create(string name, OptimizedParameter[] parameters) => name switch
    {
        "adam" => new Adam(parameters, new AdamSettings { WeightDecay = 0.1 }),
        "muon" => new Muon(parameters, new MuonSettings { WeightDecay = 0.1 }),
        "lion" => new Lion(parameters, new LionSettings { WeightDecay = 0.1 }),
        "sgd" => new Sgd(parameters, new SgdSettings { Momentum = 0.9, Nesterov = true }),
        _ => new Adafactor(parameters, new AdafactorSettings()),
    };

    private static OptimizedParameter[] Parameters(torch.ScalarType type) =>
    [
        new("square", Values(25, 1).view(5, 5).to_type(type), Decays: true),
        new("tall", Values(28, 2).view(7, 4).to_type(type), Decays: true),
        new("wide", Values(28, 3).view(4, 7).to_type(type), Decays: false),
        new("wide too", Values(28, 4).view(4, 7).to_type(type), Decays: true),
    ];

    private static Dictionary<string, torch.Tensor> Gradients(OptimizedParameter[] parameters, int step) =>
        parameters.Select((parameter, i) => (parameter, i)).ToDictionary(pair => pair.parameter.Name, pair => Values(pair.parameter.Weight.numel(), 10 + step + pair.i).view(pair.parameter.Weight.shape).to_type(pair.parameter.Weight.dtype));

    private static torch.Tensor Values(long count, int seed) => torch.tensor(Enumerable.Range(0, (int)count).Select(i => Math.Sin((i * 1.37) + (seed * 0.71))).ToArray());

    [Theory]
    [InlineData(5, 37, 1)]
    [InlineData(40, 33, 0.25)]
    [InlineData(64, 64, 1)]
    [InlineData(100, 7, 0.5)]
    public void The_kernel_of_Muon_does_what_operations_in_double_precision_do(int rows, int columns, double gradientScale)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor start = torch.sin(torch.arange(rows * columns, dtype: torch.float64) * 0.7).view(rows, columns);
        torch.Tensor single = start.to(torch.float32);
        torch.Tensor twice = start.clone();
        MuonSettings settings = new() { WeightDecay = 0.1, Scale = MuonScale.RootMeanSquare };
        using Muon fast = new([new OptimizedParameter("w", single, Decays: true)], settings);
        using Muon exact = new([new OptimizedParameter("w", twice, Decays: true)], settings);
        for (int step = 1; step <= 3; step++)
        {
            RandomStream random = new RandomStreams(step).Open("tests/gradient");
            torch.Tensor gradient = torch.tensor(Enumerable.Range(0, rows * columns).Select(_ => random.NextGaussian()).ToArray(), [rows, columns]);
            fast.Step(new Dictionary<string, torch.Tensor> { ["w"] = gradient.to(torch.float32) }, 0.05, gradientScale);
            exact.Step(new Dictionary<string, torch.Tensor> { ["w"] = gradient.clone() }, 0.05, gradientScale);
        }

        Assert.InRange((twice - start).norm().item<double>(), 0.01, double.MaxValue);
        Assert.InRange(((single.to(torch.float64) - twice).norm() / (twice - start).norm()).item<double>(), 0, 1e-5);
    }
}
