using Athanor.Models.Specifications;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace Athanor.Torch.Executors;

/// <summary>The body of a transformer in libtorch's own operations, from tokens to the hidden states after the last norm.</summary>
/// <param name="weights">Its weights.</param>
internal sealed class TransformerBody(TransformerWeights weights)
{
    private readonly TransformerSpec _spec = weights.Plan.Spec;
    private readonly torch.ScalarType _computed = weights.Type.Computed();
    private readonly torch.ScalarType _stored = weights.Type.Stored();

    /// <summary>Computes hidden states, [rows · length, width]. Intermediate tensors belong to the caller's dispose scope.</summary>
    /// <param name="tokens">The tokens, [rows · length], int64.</param>
    /// <param name="layout">What the tokens are to each other.</param>
    /// <param name="observe">Sees the residual stream: 0 after the embedding, i after layer i.</param>
    public torch.Tensor Forward(torch.Tensor tokens, BatchLayout layout, Action<int, torch.Tensor>? observe = null)
    {
        torch.Tensor x = weights.Embedding.index_select(0, tokens);
        if (weights.Positions is { } positions)
        {
            x = x + positions.index_select(0, torch.tensor(layout.Positions));
        }

        observe?.Invoke(0, x);
        for (int i = 0; i < weights.Layers.Length; i++)
        {
            LayerWeights layer = weights.Layers[i];
            LayerSpec spec = _spec.Layers[i];
            x = x + Attention(Norm(x, spec.AttentionNorm, layer.AttentionNorm), spec.Attention, layer, layout);
            x = x + FeedForward(Norm(x, spec.FeedForwardNorm, layer.FeedForwardNorm), spec.FeedForward, layer);
            observe?.Invoke(i + 1, x);
        }

        return Norm(x, _spec.FinalNorm, weights.FinalNorm);
    }

    /// <summary>A norm of each row.</summary>
    internal static torch.Tensor Norm(torch.Tensor x, NormSpec spec, NormWeights norm)
    {
        if (spec.Kind == NormKind.Layer)
        {
            return F.layer_norm(x, [x.shape[1]], norm.Weight, norm.Bias, spec.Epsilon);
        }

        torch.Tensor scale = x.square().mean([1], keepdim: true).add(spec.Epsilon).rsqrt();
        return x * scale * norm.Weight;
    }

    private torch.Tensor Attention(torch.Tensor x, AttentionSpec spec, LayerWeights layer, BatchLayout layout)
    {
        (int rows, int length) = (layout.Rows, layout.Length);
        (int heads, int groups, int size) = (spec.Heads, spec.KeyValueHeads, spec.HeadSize);
        // splits, not narrows: the gradient of a split is one concatenation, that of each narrow a whole tensor of zeros
        torch.Tensor all = Linear(x, layer.Input).view(rows, length, heads + (2 * groups), size);
        torch.Tensor[] parts = all.split([heads, groups, groups], 2);
        if (_spec.Positions is RotaryPositions)
        {
            (torch.Tensor cosine, torch.Tensor sine) = layout.Angles(size);
            torch.Tensor[] turning = all.split([heads + groups, groups], 2);
            torch.Tensor[] halves = turning[0].chunk(2, 3);
            torch.Tensor turned = torch.cat([(halves[0] * cosine) - (halves[1] * sine), (halves[1] * cosine) + (halves[0] * sine)], 3);
            parts = [.. turned.split([heads, groups], 2), turning[1]];
        }

        // query heads that share a key head are rows of one product: [rows · groups, heads / groups · length, size]
        torch.Tensor query = parts[0].transpose(1, 2).reshape(rows * groups, heads / groups * length, size);
        torch.Tensor key = parts[1].transpose(1, 2).reshape(rows * groups, length, size);
        torch.Tensor value = parts[2].transpose(1, 2).reshape(rows * groups, length, size);
        torch.Tensor scores = query.mul(1 / Math.Sqrt(size)).bmm(key.transpose(1, 2)).add_(layout.Mask(spec));
        torch.Tensor mixed = scores.softmax(2).bmm(value);
        return Linear(mixed.view(rows, heads, length, size).transpose(1, 2).reshape(rows * length, heads * size), layer.Output).to(_stored);
    }

    private torch.Tensor FeedForward(torch.Tensor x, FeedForwardSpec spec, LayerWeights layer)
    {
        torch.Tensor up = Linear(x, layer.Up);
        return Linear(Activated(up, spec), layer.Down).to(_stored);
    }

    /// <summary>What stands between the feed-forward's matrices; a gate comes before what it gates.</summary>
    internal static torch.Tensor Activated(torch.Tensor up, FeedForwardSpec spec)
    {
        if (spec.Kind == FeedForwardKind.Plain)
        {
            return Activate(up, spec.Activation);
        }

        torch.Tensor[] halves = up.chunk(2, 1);
        return Activate(halves[0], spec.Activation) * halves[1];
    }

    private static torch.Tensor Activate(torch.Tensor x, Activation activation) => activation switch
    {
        Activation.Silu => F.silu(x),
        Activation.Gelu => F.gelu(x),
        Activation.GeluTanh => x * 0.5 * ((x + (x.pow(3) * 0.044715)).mul(Math.Sqrt(2 / Math.PI)).tanh() + 1),
        _ => F.relu(x),
    };

    private torch.Tensor Linear(torch.Tensor x, LinearWeights linear) => F.linear(x.to(_computed), linear.Weight.to(_computed), linear.Bias?.to(_computed));
}
