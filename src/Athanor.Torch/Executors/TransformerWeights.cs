using Athanor.Core.Randomness;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// The weights of a plan as an executor wants them: what is multiplied with the same input lies in one tensor (query, key and value; gate and up), and the
/// canonical weights are views of it.
/// </summary>
internal sealed class TransformerWeights : IDisposable
{
    private readonly torch.ScalarType _type;
    private readonly bool _trainable;
    private readonly Dictionary<string, torch.Tensor> _canonical = [];
    private readonly Dictionary<string, torch.Tensor> _gradients = [];
    private readonly List<torch.Tensor> _owned = [];

    private TransformerWeights(ModelPlan plan, FloatType type, bool trainable)
    {
        Plan = plan;
        Type = type;
        _type = type.Stored();
        _trainable = trainable;
        using IDisposable noGradient = torch.no_grad();
        Embedding = Fuse("embedding.weight");
        Positions = plan.Has("positions.weight") ? Fuse("positions.weight") : null;
        Layers = new LayerWeights[plan.Spec.Layers.Count];
        for (int i = 0; i < Layers.Length; i++)
        {
            string layer = $"layers.{i}";
            string[] inputs = [$"{layer}.attention.query", $"{layer}.attention.key", $"{layer}.attention.value"];
            string[] ups = plan.Spec.Layers[i].FeedForward.Kind == FeedForwardKind.Gated ? [$"{layer}.feed_forward.gate", $"{layer}.feed_forward.up"] : [$"{layer}.feed_forward.up"];
            Layers[i] = new LayerWeights(
                Norm($"{layer}.attention_norm"), Linear(inputs), Linear($"{layer}.attention.output"), Norm($"{layer}.feed_forward_norm"), Linear(ups), Linear($"{layer}.feed_forward.down"));
        }

        FinalNorm = Norm("final_norm");
        Head = plan.Spec.TiedHead ? Embedding : Fuse("head.weight");
    }

    /// <summary>What the weights are.</summary>
    public ModelPlan Plan { get; }

    /// <summary>What they compute in.</summary>
    public FloatType Type { get; }

    /// <summary>Token embeddings, [vocabulary, width].</summary>
    public torch.Tensor Embedding { get; }

    /// <summary>Learned positions, [context, width].</summary>
    public torch.Tensor? Positions { get; }

    /// <summary>The layers.</summary>
    public LayerWeights[] Layers { get; }

    /// <summary>The norm before the head.</summary>
    public NormWeights FinalNorm { get; }

    /// <summary>The head's matrix, [vocabulary, width]; the embedding where it is tied.</summary>
    public torch.Tensor Head { get; }

    /// <summary>Weights by canonical name; they share memory with the tensors above.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> Canonical => _canonical;

    /// <summary>Gradients by canonical name; empty where the weights are not trainable.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> Gradients => _gradients;

    /// <summary>The whole gradient tensors, for clearing.</summary>
    public List<torch.Tensor> WholeGradients { get; } = [];

    /// <summary>The gradient of the head's matrix.</summary>
    public torch.Tensor HeadGradient => _gradients[Plan.Spec.TiedHead ? "embedding.weight" : "head.weight"];

    /// <summary>Fresh weights, each drawn from a random stream of its own name.</summary>
    public static TransformerWeights Fresh(ModelPlan plan, FloatType type, RandomStreams random)
    {
        TransformerWeights weights = new(plan, type, trainable: true);
        weights.Fill(planned =>
        {
            double[] values = new double[planned.Count];
            if (planned.Initializer.StandardDeviation == 0)
            {
                Array.Fill(values, planned.Initializer.Mean);
                return torch.tensor(values, [.. planned.Shape]);
            }

            RandomStream stream = random.Open($"model/initialize/{planned.Name}");
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = planned.Initializer.Mean + (planned.Initializer.StandardDeviation * stream.NextGaussian());
            }

            return torch.tensor(values, [.. planned.Shape]);
        });
        return weights;
    }

    /// <summary>Weights of a checkpoint.</summary>
    public static TransformerWeights From(Checkpoint checkpoint, FloatType type, bool trainable)
    {
        TransformerWeights weights = new(checkpoint.Plan, type, trainable);
        if (type == FloatType.Float64)
        {
            weights.Fill(planned => torch.tensor(checkpoint.ReadDoubles(planned.Name), [.. planned.Shape]));
        }
        else
        {
            weights.Fill(planned => torch.tensor(checkpoint.ReadSingles(planned.Name), [.. planned.Shape]));
        }

        return weights;
    }

    /// <summary>A copy of another executor's weights.</summary>
    public static TransformerWeights CopyOf(ModelPlan plan, IReadOnlyDictionary<string, torch.Tensor> source)
    {
        TransformerWeights weights = new(plan, source["embedding.weight"].dtype == torch.ScalarType.Float64 ? FloatType.Float64 : FloatType.Float32, trainable: false);
        using IDisposable noGradient = torch.no_grad();
        foreach ((string name, torch.Tensor weight) in weights._canonical)
        {
            weight.copy_(source[name]);
        }

        return weights;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (torch.Tensor tensor in _owned)
        {
            tensor.Dispose();
        }

        _owned.Clear();
    }

    private void Fill(Func<PlannedWeight, torch.Tensor> values)
    {
        using IDisposable noGradient = torch.no_grad();
        foreach (PlannedWeight planned in Plan.Weights)
        {
            using torch.Tensor source = values(planned);
            _canonical[planned.Name].copy_(source);
        }
    }

    private NormWeights Norm(string name) => new(Fuse($"{name}.weight"), Plan.Has($"{name}.bias") ? Fuse($"{name}.bias") : null);

    private LinearWeights Linear(params string[] names) =>
        new(Fuse([.. names.Select(name => $"{name}.weight")]), Plan.Has($"{names[0]}.bias") ? Fuse([.. names.Select(name => $"{name}.bias")]) : null);

    private torch.Tensor Fuse(params string[] names)
    {
        long[] shape = [names.Sum(name => Plan[name].Shape[0]), .. Plan[names[0]].Shape.Skip(1)];
        torch.Tensor whole = Own(torch.zeros(shape, dtype: _type));
        torch.Tensor? gradient = _trainable ? Own(torch.zeros(shape, dtype: _type)) : null;
        long row = 0;
        foreach (string name in names)
        {
            long rows = Plan[name].Shape[0];
            _canonical[name] = Own(whole.narrow(0, row, rows));
            if (gradient is not null)
            {
                _gradients[name] = Own(gradient.narrow(0, row, rows));
            }

            row += rows;
        }

        if (gradient is not null)
        {
            whole.requires_grad = true;
            whole.grad = gradient;
            WholeGradients.Add(gradient);
        }

        return whole;
    }

    private torch.Tensor Own(torch.Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }
}

/// <summary>The weights of a layer.</summary>
internal sealed record LayerWeights(NormWeights AttentionNorm, LinearWeights Input, LinearWeights Output, NormWeights FeedForwardNorm, LinearWeights Up, LinearWeights Down);

/// <summary>A matrix [out, in] and its bias [out].</summary>
internal sealed record LinearWeights(torch.Tensor Weight, torch.Tensor? Bias);

/// <summary>A norm's factor and, for LayerNorm, its offset.</summary>
internal sealed record NormWeights(torch.Tensor Weight, torch.Tensor? Bias);
