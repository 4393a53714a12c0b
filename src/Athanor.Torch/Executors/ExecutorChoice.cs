using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;

namespace Athanor.Torch.Executors;

/// <summary>Which executor trains.</summary>
public enum ExecutorChoice
{
    /// <summary>fused where it has every feature of the model, otherwise autograd.</summary>
    Auto,

    /// <summary>Gradients written out in Athanor's own vector kernels, in memory that is allocated once; the faster one on a processor.</summary>
    Fused,

    /// <summary>libtorch's operations with its automatic gradients.</summary>
    Autograd,
}

/// <summary>The executor that a training uses, and why.</summary>
/// <param name="Name"><c>fused</c> or <c>autograd</c>.</param>
/// <param name="Reason">Why that one.</param>
public sealed record ChosenExecutor(string Name, string Reason)
{
    private bool IsFused => Name == "fused";

    /// <summary>Decides.</summary>
    /// <param name="choice">What the user wants.</param>
    /// <param name="plan">What is trained.</param>
    /// <param name="type">What it computes in.</param>
    /// <exception cref="AthanorException">The fused executor was asked for and lacks a feature of the plan.</exception>
    public static ChosenExecutor For(ExecutorChoice choice, ModelPlan plan, FloatType type)
    {
        string? lacks = choice == ExecutorChoice.Autograd ? null : FusedTransformer.Lacks(plan, type);
        return choice switch
        {
            ExecutorChoice.Autograd => new ChosenExecutor("autograd", "set by the user"),
            ExecutorChoice.Fused when lacks is not null => throw new AthanorException($"executor: the fused executor lacks {lacks}", "leave executor out or set it to autograd"),
            ExecutorChoice.Fused => new ChosenExecutor("fused", "set by the user"),
            _ when lacks is not null => new ChosenExecutor("autograd", $"the fused executor lacks {lacks}"),
            _ => new ChosenExecutor("fused", "it has every feature of this model"),
        };
    }

    /// <summary>A transformer with fresh weights.</summary>
    public ITrainableTransformer Create(ModelPlan plan, FloatType type, RandomStreams random) => IsFused ? FusedTransformer.Create(plan, type, random) : AutogradTransformer.Create(plan, type, random);

    /// <summary>A transformer with a checkpoint's weights.</summary>
    public ITrainableTransformer Load(Checkpoint checkpoint, FloatType type) => IsFused ? FusedTransformer.Load(checkpoint, type) : AutogradTransformer.Load(checkpoint, type);
}
