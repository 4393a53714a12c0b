using Athanor.Models.Specifications;
using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>Optimizers that share one schedule, each with weights and a rate of its own.</summary>
/// <param name="members">Name, optimizer and rate at the schedule's height.</param>
public sealed class OptimizerSet(IReadOnlyList<OptimizerMember> members) : IDisposable
{
    /// <summary>The optimizers.</summary>
    public IReadOnlyList<OptimizerMember> Members { get; } = members;

    /// <summary>The optimizers of a plan's weights.</summary>
    /// <param name="plan">Says which weights are hidden matrices, and which decay.</param>
    /// <param name="weights">The weights by canonical name.</param>
    /// <param name="settings">Which optimizers.</param>
    public static OptimizerSet For(ModelPlan plan, IReadOnlyDictionary<string, torch.Tensor> weights, OptimizerSettings settings)
    {
        AdamSettings adam = new() { Beta1 = settings.Beta1, Beta2 = settings.Beta2, WeightDecay = settings.WeightDecay };
        ILookup<bool, OptimizedParameter> parameters = plan.Weights.ToLookup(
            planned => planned.IsHiddenMatrix && settings.Choice == OptimizerChoice.MuonAndAdamw,
            planned => new OptimizedParameter(planned.Name, weights[planned.Name], planned.Decays));
        List<OptimizerMember> members = [];
        if (parameters[true].Any())
        {
            MuonSettings muon = new() { Momentum = settings.Momentum, WeightDecay = settings.WeightDecay, Scale = MuonScale.RootMeanSquare };
            members.Add(new OptimizerMember("muon", new Muon([.. parameters[true]], muon), settings.MatrixLearningRate));
        }

        members.Add(new OptimizerMember("adamw", new Adam([.. parameters[false]], adam), settings.LearningRate));
        return new OptimizerSet(members);
    }

    /// <summary>Makes one update.</summary>
    /// <param name="gradients">A gradient for each weight, by name.</param>
    /// <param name="factor">The schedule's factor, which each rate is multiplied by.</param>
    /// <param name="gradientScale">What the gradients are to be multiplied by (clipping); where it is not 1 they may be changed.</param>
    public void Step(IReadOnlyDictionary<string, torch.Tensor> gradients, double factor, double gradientScale = 1)
    {
        for (int i = 0; i < Members.Count; i++)
        {
            Members[i].Optimizer.Step(gradients, Members[i].LearningRate * factor, gradientScale);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OptimizerMember member in Members)
        {
            member.Optimizer.Dispose();
        }
    }
}

/// <summary>One optimizer of a set.</summary>
/// <param name="Name">What its state is filed under, such as <c>muon</c>.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="LearningRate">The rate at the schedule's height.</param>
public sealed record OptimizerMember(string Name, Optimizer Optimizer, double LearningRate);
