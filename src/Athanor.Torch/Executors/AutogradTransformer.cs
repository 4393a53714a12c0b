using Athanor.Core.Randomness;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// The executor in libtorch's own operations with its automatic gradients: every plan, every float type; in double precision the judge of the others. Under
/// <c>torch.no_grad()</c> it computes without keeping anything for a gradient, which is what validation wants.
/// </summary>
public sealed class AutogradTransformer : ITrainableTransformer
{
    private readonly TransformerBody _body;
    private readonly TransformerHead _head;
    private BatchLayout? _layout;
    private torch.Tensor? _hidden;
    private torch.Tensor? _flat;

    private AutogradTransformer(TransformerWeights weights)
    {
        Shared = weights;
        _body = new TransformerBody(weights);
        _head = new TransformerHead(weights);
    }

    /// <summary>What it is.</summary>
    public ModelPlan Plan => Shared.Plan;

    /// <summary>What it computes in.</summary>
    public FloatType Type => Shared.Type;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Weights => Shared.Canonical;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Gradients => Shared.Gradients;

    /// <summary>The weights, for a language model over them.</summary>
    internal TransformerWeights Shared { get; }

    /// <summary>A transformer with fresh weights.</summary>
    /// <param name="plan">What it is.</param>
    /// <param name="type">What it computes in.</param>
    /// <param name="random">Where its weights come from.</param>
    public static AutogradTransformer Create(ModelPlan plan, FloatType type, RandomStreams random) => new(TransformerWeights.Fresh(plan, type, random));

    /// <summary>A transformer with a checkpoint's weights.</summary>
    /// <param name="checkpoint">An opened model folder; it may be disposed after.</param>
    /// <param name="type">What it computes in.</param>
    public static AutogradTransformer Load(Checkpoint checkpoint, FloatType type) => new(TransformerWeights.From(checkpoint, type, trainable: true));

    /// <inheritdoc/>
    public void ClearGradients()
    {
        foreach (torch.Tensor gradient in Shared.WholeGradients)
        {
            gradient.zero_();
        }
    }

    /// <inheritdoc/>
    public torch.Tensor Forward(TokenBatch batch) => Forward(batch, null);

    /// <inheritdoc/>
    public HeadOutput Head(torch.Tensor targets)
    {
        using torch.Tensor hidden = (_flat ?? throw new InvalidOperationException("Head comes after Forward")).detach();
        return _head.Forward(hidden, targets);
    }

    /// <inheritdoc/>
    public void Backward(HeadOutput gradient)
    {
        using torch.Tensor hidden = _head.Backward(gradient);
        BackwardFrom(hidden);
    }

    /// <inheritdoc/>
    public void BackwardFromHidden(torch.Tensor gradient)
    {
        using torch.Tensor flat = gradient.reshape(_flat!.shape);
        BackwardFrom(flat);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _layout?.Dispose();
        _head.Dispose();
        Shared.Dispose();
    }

    /// <summary>Runs the body and shows the residual stream on the way: 0 after the embedding, i after layer i, [rows · length, width].</summary>
    internal torch.Tensor Forward(TokenBatch batch, Action<int, torch.Tensor>? observe)
    {
        Forget();
        if (batch.Length > Plan.Spec.ContextLength && Plan.Spec.Positions is LearnedPositions)
        {
            throw new ArgumentException($"sequences of {batch.Length} tokens are longer than the model's {Plan.Spec.ContextLength} positions", nameof(batch));
        }

        // rows of one document each are alike in every batch of the same size
        if (_layout is null || !_layout.IsWhole || !batch.Documents.IsEmpty || _layout.Rows != batch.Rows || _layout.Length != batch.Length)
        {
            _layout?.Dispose();
            _layout = new BatchLayout(Plan.Spec, Type, batch.Rows, batch.Length, batch.Documents.Span);
        }

        using DisposeScope scope = torch.NewDisposeScope();
        long[] tokens = new long[batch.Rows * batch.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = batch.Tokens.Span[i];
        }

        _flat = _body.Forward(torch.tensor(tokens), _layout, observe).DetachFromDisposeScope();
        _hidden = _flat.view(batch.Rows, batch.Length, -1).DetachFromDisposeScope();
        return _hidden;
    }

    /// <summary>The logits of the last forward pass, [rows, length, vocabulary], all at once.</summary>
    internal torch.Tensor Logits()
    {
        using IDisposable noGradient = torch.no_grad();
        return _hidden!.matmul(Shared.Head.t());
    }

    private void BackwardFrom(torch.Tensor gradient)
    {
        if (_flat is null)
        {
            throw new InvalidOperationException("Backward comes after Forward");
        }

        torch.autograd.backward([_flat], [gradient], retain_graph: false);
    }

    private void Forget()
    {
        _hidden?.Dispose();
        _flat?.Dispose();
        (_hidden, _flat) = (null, null);
    }
}
