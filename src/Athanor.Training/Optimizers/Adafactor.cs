using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>Settings of <see cref="Adafactor"/>.</summary>
public sealed record AdafactorSettings
{
    /// <summary>Whether the rate is the paper's own, max(ε₂, RMS(w)) · min(0.01, 1/√t), instead of the caller's.</summary>
    public bool RelativeStep { get; init; } = true;

    /// <summary>The power c of the second moment's decay, β₂ = 1 − t⁻ᶜ.</summary>
    public double DecayPower { get; init; } = 0.8;

    /// <summary>ε₁, added to the squared gradient.</summary>
    public double Epsilon1 { get; init; } = 1e-30;

    /// <summary>ε₂, the smallest scale of a weight.</summary>
    public double Epsilon2 { get; init; } = 1e-3;

    /// <summary>d, the largest root mean square of an update.</summary>
    public double ClipThreshold { get; init; } = 1;
}

/// <summary>
/// Adafactor (Shazeer and Stern 2018, algorithms 4 and 5): the second moment of a matrix is kept as its row and column sums, V = R C / ΣR, so state costs next to
/// nothing; that of a vector is kept whole. No momentum and no weight decay.
/// </summary>
public sealed class Adafactor : Optimizer
{
    private readonly AdafactorSettings _settings;
    private readonly (torch.Tensor First, torch.Tensor? Columns)[] _moments;

    /// <summary>Begins with zero moments.</summary>
    public Adafactor(IReadOnlyList<OptimizedParameter> parameters, AdafactorSettings settings)
        : base(parameters)
    {
        _settings = settings;
        _moments = [.. parameters.Select(MomentsOf)];
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate)
    {
        double decay = 1 - Math.Pow(Steps, -_settings.DecayPower);
        using Scalar one = 1.0;
        using Scalar beta = decay;
        using Scalar rest = 1 - decay;
        using Scalar epsilon1 = _settings.Epsilon1;
        using Scalar epsilon2 = _settings.Epsilon2;
        using Scalar threshold = _settings.ClipThreshold;
        using Scalar rate = -(_settings.RelativeStep ? Math.Min(0.01, 1 / Math.Sqrt(Steps)) : learningRate);
        for (int i = 0; i < Parameters.Count; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor weight = Parameters[i].Weight;
            torch.Tensor gradient = gradients[Parameters[i].Name];
            torch.Tensor squared = gradient.square().add_(epsilon1, one);
            (torch.Tensor rows, torch.Tensor? columns) = _moments[i];
            torch.Tensor moment;
            if (columns is null)
            {
                rows.mul_(beta).add_(squared, rest);
                moment = rows;
            }
            else
            {
                rows.mul_(beta).add_(squared.sum(dim: 1), rest);
                columns.mul_(beta).add_(squared.sum(dim: 0), rest);
                moment = torch.outer(rows, columns).div_(rows.sum());
            }

            torch.Tensor update = gradient / moment.sqrt();
            update.div_(torch.clamp_min(RootMeanSquare(update).div_(threshold), one));
            if (_settings.RelativeStep)
            {
                update.mul_(torch.clamp_min(RootMeanSquare(weight), epsilon2));
            }

            weight.add_(update, rate);
        }
    }

    private static torch.Tensor RootMeanSquare(torch.Tensor tensor) => tensor.square().mean().sqrt_();

    private (torch.Tensor First, torch.Tensor? Columns) MomentsOf(OptimizedParameter parameter)
    {
        long[] shape = parameter.Weight.shape;
        return shape.Length == 2
            ? (NewState(parameter, "row_moment", shape[0]), NewState(parameter, "column_moment", shape[1]))
            : (NewState(parameter, "second_moment", shape), null);
    }
}
