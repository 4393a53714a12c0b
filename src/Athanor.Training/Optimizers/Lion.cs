using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>Settings of <see cref="Lion"/>.</summary>
public sealed record LionSettings
{
    /// <summary>How much of the momentum enters the update.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the momentum.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; }
}

/// <summary>Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", program 1): c = β₁m + (1−β₁)g, w ← w − η(sign(c) + λw), m ← β₂m + (1−β₂)g.</summary>
public sealed class Lion : Optimizer
{
    private readonly LionSettings _settings;
    private readonly torch.Tensor[] _momentum;

    /// <summary>Begins with zero momentum.</summary>
    public Lion(IReadOnlyList<OptimizedParameter> parameters, LionSettings settings)
        : base(parameters)
    {
        _settings = settings;
        _momentum = [.. parameters.Select(parameter => NewState(parameter, "momentum", parameter.Weight.shape))];
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate)
    {
        using Scalar beta1 = _settings.Beta1;
        using Scalar rest1 = 1 - _settings.Beta1;
        using Scalar beta2 = _settings.Beta2;
        using Scalar rest2 = 1 - _settings.Beta2;
        using Scalar shrink = 1 - (learningRate * _settings.WeightDecay);
        using Scalar rate = -learningRate;
        for (int i = 0; i < Parameters.Count; i++)
        {
            OptimizedParameter parameter = Parameters[i];
            torch.Tensor gradient = gradients[parameter.Name];
            using torch.Tensor update = _momentum[i].mul(beta1);
            update.add_(gradient, rest1).sign_();
            if (parameter.Decays && _settings.WeightDecay != 0)
            {
                parameter.Weight.mul_(shrink);
            }

            parameter.Weight.add_(update, rate);
            _momentum[i].mul_(beta2).add_(gradient, rest2);
        }
    }
}
