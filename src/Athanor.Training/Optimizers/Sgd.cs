using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>Settings of <see cref="Sgd"/>.</summary>
public sealed record SgdSettings
{
    /// <summary>Decay of the momentum; 0 for none.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether the momentum looks one step ahead (Sutskever et al. 2013).</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, added to the gradient (L2).</summary>
    public double WeightDecay { get; init; }
}

/// <summary>Stochastic gradient descent: g ← g + λw, b ← μb + g (b = g at the first update), w ← w − ηb, or with Nesterov's momentum w ← w − η(g + μb).</summary>
public sealed class Sgd : Optimizer
{
    private readonly SgdSettings _settings;
    private readonly torch.Tensor[] _momentum;

    /// <summary>Begins with zero momentum.</summary>
    public Sgd(IReadOnlyList<OptimizedParameter> parameters, SgdSettings settings)
        : base(parameters)
    {
        _settings = settings;
        _momentum = settings.Momentum == 0 ? [] : [.. parameters.Select(parameter => NewState(parameter, "momentum", parameter.Weight.shape))];
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate)
    {
        using Scalar one = 1.0;
        using Scalar decay = _settings.WeightDecay;
        using Scalar momentum = _settings.Momentum;
        using Scalar rate = -learningRate;
        using Scalar ahead = -learningRate * _settings.Momentum;
        for (int i = 0; i < Parameters.Count; i++)
        {
            OptimizedParameter parameter = Parameters[i];
            torch.Tensor gradient = gradients[parameter.Name];
            if (parameter.Decays && _settings.WeightDecay != 0)
            {
                gradient = gradient.add(parameter.Weight, decay);
            }

            if (_settings.Momentum == 0)
            {
                parameter.Weight.add_(gradient, rate);
                continue;
            }

            _momentum[i].mul_(momentum).add_(gradient, one);
            if (_settings.Nesterov)
            {
                parameter.Weight.add_(gradient, rate).add_(_momentum[i], ahead);
            }
            else
            {
                parameter.Weight.add_(_momentum[i], rate);
            }
        }
    }
}
