using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>How far one update of <see cref="Muon"/> moves a matrix.</summary>
public enum MuonScale
{
    /// <summary>√max(1, rows/columns): the update's spectral norm is that (Jordan et al. 2024).</summary>
    Spectral,

    /// <summary>0.2 √max(rows, columns): the update's root mean square is 0.2, about Adam's, so that both take the same rate and decay (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2).</summary>
    RootMeanSquare,
}

/// <summary>Settings of <see cref="Muon"/>.</summary>
public sealed record MuonSettings
{
    /// <summary>Decay of the momentum.</summary>
    public double Momentum { get; init; } = 0.95;

    /// <summary>Whether the momentum looks one step ahead.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>Steps of the orthogonalisation.</summary>
    public int NewtonSchulzSteps { get; init; } = 5;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>How far an update moves.</summary>
    public MuonScale Scale { get; init; } = MuonScale.Spectral;
}

/// <summary>
/// Muon (Jordan et al. 2024): momentum, orthogonalised by <see cref="NewtonSchulz"/>. For the matrices between layers; embeddings, heads and vectors belong to <see cref="Adam"/>.
/// b ← μb + g, u = g + μb (or b), W ← (1−ηλ)W − η·scale·orthogonalised(u). Matrices of one shape, and those that are its transpose, are orthogonalised together.
/// </summary>
public sealed class Muon : Optimizer
{
    private readonly MuonSettings _settings;
    private readonly torch.Tensor[] _momentum;
    private readonly List<Group> _groups = [];

    /// <summary>Begins with zero momentum.</summary>
    /// <exception cref="ArgumentException">A weight is not a matrix.</exception>
    public Muon(IReadOnlyList<OptimizedParameter> parameters, MuonSettings settings)
        : base(parameters)
    {
        _settings = settings;
        foreach (OptimizedParameter parameter in parameters)
        {
            if (parameter.Weight.dim() != 2)
            {
                throw new ArgumentException($"{parameter.Name} is not a matrix: Muon is for matrices", nameof(parameters));
            }
        }

        _momentum = [.. parameters.Select(parameter => NewState(parameter, "momentum", parameter.Weight.shape))];
        foreach (IGrouping<(long, long), int> group in Enumerable.Range(0, parameters.Count).GroupBy(index => Lying(parameters[index].Weight.shape)))
        {
            int[] members = [.. group];
            torch.Tensor weight = parameters[members[0]].Weight;
            _groups.Add(new Group(members, torch.zeros([members.Length, group.Key.Item1, group.Key.Item2], weight.dtype, weight.device).DetachFromDisposeScope()));
        }
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate)
    {
        using Scalar one = 1.0;
        using Scalar decay = _settings.Momentum;
        using Scalar shrink = 1 - (learningRate * _settings.WeightDecay);
        foreach (Group group in _groups)
        {
            for (int slot = 0; slot < group.Members.Length; slot++)
            {
                int index = group.Members[slot];
                torch.Tensor gradient = gradients[Parameters[index].Name];
                torch.Tensor momentum = _momentum[index];
                momentum.mul_(decay).add_(gradient, one);
                using torch.Tensor place = group.Stack.select(0, slot);
                using torch.Tensor target = Standing(index) ? place.t() : place.alias();
                target.copy_(momentum);
                if (_settings.Nesterov)
                {
                    target.mul_(decay).add_(gradient, one);
                }
            }

            using torch.Tensor updates = NewtonSchulz.Orthogonalise(group.Stack, _settings.NewtonSchulzSteps);
            for (int slot = 0; slot < group.Members.Length; slot++)
            {
                int index = group.Members[slot];
                OptimizedParameter parameter = Parameters[index];
                using torch.Tensor place = updates.select(0, slot);
                using torch.Tensor update = Standing(index) ? place.t() : place.alias();
                if (parameter.Decays && _settings.WeightDecay != 0)
                {
                    parameter.Weight.mul_(shrink);
                }

                using Scalar rate = -learningRate * ScaleOf(parameter.Weight.shape);
                parameter.Weight.add_(update, rate);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (Group group in _groups)
        {
            group.Stack.Dispose();
        }

        base.Dispose(disposing);
    }

    private static (long Rows, long Columns) Lying(long[] shape) => (Math.Min(shape[0], shape[1]), Math.Max(shape[0], shape[1]));

    private bool Standing(int index)
    {
        long[] shape = Parameters[index].Weight.shape;
        return shape[0] > shape[1];
    }

    private double ScaleOf(long[] shape) => _settings.Scale == MuonScale.Spectral
        ? Math.Sqrt(Math.Max(1.0, shape[0] / (double)shape[1]))
        : 0.2 * Math.Sqrt(Math.Max(shape[0], shape[1]));

    private sealed record Group(int[] Members, torch.Tensor Stack);
}
