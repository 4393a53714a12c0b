using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>A weight that an optimizer changes.</summary>
/// <param name="Name">Its canonical name; gradients and state are found by it.</param>
/// <param name="Weight">The tensor, changed in place.</param>
/// <param name="Decays">Whether weight decay applies to it.</param>
public sealed record OptimizedParameter(string Name, torch.Tensor Weight, bool Decays);

/// <summary>
/// Changes weights from their gradients. One object holds the state of all its weights in the weights' own type and on their device; the same gradients
/// and rates give the same bits, and state that was saved and restored goes on as if nothing had been.
/// </summary>
public abstract class Optimizer : IDisposable
{
    private readonly SortedDictionary<string, torch.Tensor> _state = new(StringComparer.Ordinal);

    /// <summary>Begins with empty state.</summary>
    /// <param name="parameters">What it changes.</param>
    protected Optimizer(IReadOnlyList<OptimizedParameter> parameters)
    {
        Parameters = parameters;
    }

    /// <summary>What it changes.</summary>
    public IReadOnlyList<OptimizedParameter> Parameters { get; }

    /// <summary>How many updates were made; part of the state.</summary>
    public long Steps { get; set; }

    /// <summary>The state by name (<c>WEIGHT/PART</c>), in a fixed order. Restoring is copying into these tensors and setting <see cref="Steps"/>.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> State => _state;

    /// <summary>Makes one update.</summary>
    /// <param name="gradients">A gradient for each weight, by name.</param>
    /// <param name="learningRate">The rate of this update.</param>
    /// <param name="gradientScale">What the gradients are to be multiplied by (clipping); where it is not 1 they may be changed.</param>
    public void Step(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate, double gradientScale = 1)
    {
        Steps++;
        if (UpdateInOnePass(gradients, learningRate, gradientScale))
        {
            return;
        }

        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        if (gradientScale != 1)
        {
            using Scalar factor = gradientScale;
            foreach (OptimizedParameter parameter in Parameters)
            {
                gradients[parameter.Name].mul_(factor);
            }
        }

        Update(gradients, learningRate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes every weight in one pass over its memory, scaling gradients on the way, without allocating; or does nothing and says so.</summary>
    protected virtual bool UpdateInOnePass(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate, double gradientScale) => false;

    /// <summary>Changes every weight; temporaries are disposed by the caller.</summary>
    protected abstract void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate);

    /// <summary>Adds a zero tensor to the state.</summary>
    protected torch.Tensor NewState(OptimizedParameter parameter, string part, params long[] shape)
    {
        torch.Tensor weight = parameter.Weight;
        torch.Tensor state = torch.zeros(shape, weight.dtype, weight.device).DetachFromDisposeScope();
        _state.Add($"{parameter.Name}/{part}", state);
        return state;
    }

    /// <summary>Releases the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (torch.Tensor tensor in _state.Values)
        {
            tensor.Dispose();
        }

        _state.Clear();
    }
}
