using Athanor.Models.Specifications;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>A workspace's memory as libtorch's matrices, for batches of one size.</summary>
internal sealed class FusedViews : IDisposable
{
    private readonly FusedWorkspace _workspace;
    private readonly List<torch.Tensor> _owned = [];
    private readonly Dictionary<int, torch.Tensor> _hidden = [];

    public FusedViews(FusedWorkspace workspace, int tokens)
    {
        _workspace = workspace;
        Tokens = tokens;
        TransformerSpec spec = workspace.Spec;
        Normed = [.. workspace.Normed.Select(buffer => View(buffer, spec.Width))];
        Layers = [.. spec.Layers.Select((layer, i) => LayerOf(layer, i))];
        Added = View(workspace.Added, spec.Width);
        StreamGradient = View(workspace.StreamGradientCopy ?? workspace.StreamGradient, spec.Width);
        TransposedStreamGradient = Own(StreamGradient.t());
        NormedGradient = View(workspace.NormedGradient, spec.Width);
    }

    public int Tokens { get; }

    public torch.Tensor[] Normed { get; }

    public FusedLayerViews[] Layers { get; }

    public torch.Tensor Added { get; }

    /// <summary>The stream's gradient in the type of products.</summary>
    public torch.Tensor StreamGradient { get; }

    public torch.Tensor TransposedStreamGradient { get; }

    public torch.Tensor NormedGradient { get; }

    /// <summary>The hidden states as [rows, length, width].</summary>
    public torch.Tensor Hidden(int rows)
    {
        if (!_hidden.TryGetValue(rows, out torch.Tensor? hidden))
        {
            using torch.Tensor flat = _workspace.Hidden.Matrix(Tokens, _workspace.Spec.Width);
            hidden = Own(flat.view(rows, Tokens / rows, _workspace.Spec.Width));
            _hidden.Add(rows, hidden);
        }

        return hidden;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (torch.Tensor tensor in _owned)
        {
            tensor.Dispose();
        }
    }

    private FusedLayerViews LayerOf(LayerSpec layer, int index)
    {
        torch.Tensor input = View(_workspace.Inputs[index], FusedWorkspace.InputWidth(layer.Attention));
        torch.Tensor up = View(_workspace.Ups[index], FusedWorkspace.UpWidth(layer.FeedForward));
        return new FusedLayerViews(
            input,
            Own(input.t()),
            View(_workspace.Mixed[index], FusedWorkspace.OutputWidth(layer.Attention)),
            View(_workspace.MixedGradient, FusedWorkspace.OutputWidth(layer.Attention)),
            up,
            Own(up.t()),
            View(_workspace.Activated[index], layer.FeedForward.Size),
            View(_workspace.ActivatedGradient, layer.FeedForward.Size));
    }

    private torch.Tensor View(FusedBuffer buffer, int width) => Own(buffer.Matrix(Tokens, width));

    private torch.Tensor Own(torch.Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }
}

/// <summary>A layer's matrices.</summary>
internal sealed record FusedLayerViews(
    torch.Tensor Input,
    torch.Tensor TransposedInput,
    torch.Tensor Mixed,
    torch.Tensor MixedGradient,
    torch.Tensor Up,
    torch.Tensor TransposedUp,
    torch.Tensor Activated,
    torch.Tensor ActivatedGradient);
