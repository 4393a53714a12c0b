using System.Runtime.InteropServices;
using Athanor.Core.Randomness;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using Athanor.Torch.Kernels;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// The executor that is fast on a processor: forward and backward written out over one workspace, products by libtorch into memory that exists, everything between them in vector
/// kernels on libtorch's own threads. A step allocates nothing. In bfloat16 products and activations are rounded; weights, gradients and the residual stream stay in single precision.
/// The same seed, threads and type give the same bits.
/// </summary>
public sealed unsafe class FusedTransformer : ITrainableTransformer
{
    private readonly KernelSet _kernels;
    private readonly FusedLayer[] _layers;
    private readonly FusedNorm[] _norms;
    private readonly FusedMatrix _head;
    private readonly FusedBuffer? _roundedGradient;
    private readonly float* _embedding;
    private readonly float* _embeddingGradient;
    private readonly float* _positions;
    private readonly float* _positionsGradient;
    private readonly PartClock _clock = new();
    private readonly (nint Address, long Count)[] _gradients;
    private readonly FusedBuffer _blockSums;
    private FusedWorkspace? _workspace;
    private FusedHead? _headPass;
    private FusedViews? _views;
    private int _rows;
    private int _length;

    private FusedTransformer(TransformerWeights weights)
    {
        Shared = weights;
        TransformerSpec spec = weights.Plan.Spec;
        _kernels = KernelSet.For(weights.Type);
        if (weights.Type == FloatType.BFloat16)
        {
            _roundedGradient = new FusedBuffer(weights.WholeGradients.Max(gradient => gradient.numel()), torch.ScalarType.BFloat16);
        }

        _gradients = [.. weights.WholeGradients.Select(gradient => ((nint)FusedBuffer.PointerOf(gradient), gradient.numel()))];
        _blockSums = new FusedBuffer(_gradients.Max(gradient => SumOfSquares.Blocks((nint)gradient.Count)), torch.ScalarType.Float64);
        FusedMatrix Matrix(LinearWeights linear) => new(linear.Weight, linear.Bias, _roundedGradient);
        _layers = [.. weights.Layers.Select((layer, i) => new FusedLayer(spec.Layers[i], Matrix(layer.Input), Matrix(layer.Output), Matrix(layer.Up), Matrix(layer.Down)))];
        _norms =
        [
            .. weights.Layers.SelectMany((layer, i) => new[] { new FusedNorm(spec.Layers[i].AttentionNorm, layer.AttentionNorm), new FusedNorm(spec.Layers[i].FeedForwardNorm, layer.FeedForwardNorm) }),
            new FusedNorm(spec.FinalNorm, weights.FinalNorm),
        ];
        _head = new FusedMatrix(weights.Head, null, _roundedGradient);
        _embedding = (float*)FusedBuffer.PointerOf(weights.Embedding);
        _embeddingGradient = GradientOf(weights.Embedding);
        if (weights.Positions is { } positions)
        {
            _positions = (float*)FusedBuffer.PointerOf(positions);
            _positionsGradient = GradientOf(positions);
        }
    }

    /// <summary>What it is.</summary>
    public ModelPlan Plan => Shared.Plan;

    /// <summary>What it computes in.</summary>
    public FloatType Type => Shared.Type;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Weights => Shared.Canonical;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Gradients => Shared.Gradients;

    /// <summary>Bits of the vectors its kernels use: 512, 256, or 32 where there are none.</summary>
    public int VectorBits => _kernels.VectorBits;

    /// <summary>Bytes of its workspace so far, beside weights and gradients.</summary>
    public long WorkspaceBytes => (_workspace?.Bytes ?? 0) + (_headPass?.Bytes ?? 0);

    /// <summary>Seconds by part since <see cref="ResetClock"/>.</summary>
    public IReadOnlyDictionary<StepPart, double> Seconds => _clock.Seconds;

    /// <summary>The weights, for a language model over them.</summary>
    internal TransformerWeights Shared { get; }

    /// <summary>The name of a feature of a plan or type that this executor lacks; null where it has all.</summary>
    public static string? Lacks(ModelPlan plan, FloatType type)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return type is not (FloatType.Float32 or FloatType.BFloat16) ? "double precision"
            : plan.Spec.Positions is not (RotaryPositions or LearnedPositions) ? plan.Spec.Positions.GetType().Name
            : plan.Spec.Layers.SelectMany(layer => new[] { layer.AttentionNorm, layer.FeedForwardNorm }).Append(plan.Spec.FinalNorm).FirstOrDefault(norm => norm.Kind is not (NormKind.Rms or NormKind.Layer)) is { } unknown ? $"the norm {unknown.Kind}"
            : plan.Spec.Layers.Select(layer => layer.FeedForward).FirstOrDefault(feedForward => feedForward.Activation > Activation.Relu || feedForward.Kind > FeedForwardKind.Gated) is { } other ? $"the feed-forward {other.Kind} with {other.Activation}"
            : null;
    }

    /// <summary>A transformer with fresh weights.</summary>
    /// <param name="plan">What it is.</param>
    /// <param name="type">What it computes in.</param>
    /// <param name="random">Where its weights come from.</param>
    /// <exception cref="NotSupportedException">It lacks a feature; see <see cref="Lacks"/>.</exception>
    public static FusedTransformer Create(ModelPlan plan, FloatType type, RandomStreams random)
    {
        Refuse(plan, type);
        return new FusedTransformer(TransformerWeights.Fresh(plan, type, random));
    }

    /// <summary>A transformer with a checkpoint's weights.</summary>
    /// <param name="checkpoint">An opened model folder; it may be disposed after.</param>
    /// <param name="type">What it computes in.</param>
    /// <exception cref="NotSupportedException">It lacks a feature; see <see cref="Lacks"/>.</exception>
    public static FusedTransformer Load(Checkpoint checkpoint, FloatType type)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Refuse(checkpoint.Plan, type);
        return new FusedTransformer(TransformerWeights.From(checkpoint, type, trainable: true));
    }

    /// <summary>Forgets what <see cref="Seconds"/> adds up.</summary>
    public void ResetClock() => _clock.Reset();

    /// <inheritdoc/>
    public void ClearGradients()
    {
        _clock.Begin();
        for (int i = 0; i < _gradients.Length; i++)
        {
            OpenMp.For(ClearNumbers.Blocks((nint)_gradients[i].Count), new ClearNumbers((float*)_gradients[i].Address, (nint)_gradients[i].Count));
        }

        _clock.Mark(StepPart.Clearing);
    }

    /// <summary>The global norm of the gradients, summed in double precision in a fixed order; not finite when a gradient is not.</summary>
    public double GradientNorm()
    {
        double sum = 0;
        for (int i = 0; i < _gradients.Length; i++)
        {
            (nint address, long count) = _gradients[i];
            int blocks = SumOfSquares.Blocks((nint)count);
            OpenMp.For(blocks, new SumOfSquares((float*)address, (nint)count, (double*)_blockSums.Pointer));
            for (int block = 0; block < blocks; block++)
            {
                sum += ((double*)_blockSums.Pointer)[block];
            }
        }

        return Math.Sqrt(sum);
    }

    /// <inheritdoc/>
    public torch.Tensor Forward(TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Prepare(batch);
        Body();
        return _views!.Hidden(_rows);
    }

    /// <inheritdoc/>
    public HeadOutput Head(torch.Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        FusedHead head = _views is null ? throw new InvalidOperationException("Head comes after Forward") : _headPass!;
        using torch.Tensor flat = targets.contiguous();
        head.Forward(MemoryMarshal.Cast<byte, long>(flat.bytes));
        return new HeadOutput(Spread(head.LogProbability), Spread(head.LogPartition), Spread(head.MeanLogProbability));
    }

    /// <inheritdoc/>
    public void Backward(HeadOutput gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        FusedHead head = _views is null ? throw new InvalidOperationException("Backward comes after Forward") : _headPass!;
        Gather(gradient.LogProbability, head.OnLogProbability);
        Gather(gradient.LogPartition, head.OnLogPartition);
        Gather(gradient.MeanLogProbability, head.OnMean);
        head.Backward();
        BodyGradient();
    }

    /// <inheritdoc/>
    public void BackwardFromHidden(torch.Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        if (_views is null)
        {
            throw new InvalidOperationException("Backward comes after Forward");
        }

        using IDisposable noGradient = torch.no_grad();
        using torch.Tensor flat = gradient.detach().reshape(_views.Tokens, Plan.Spec.Width);
        _views.NormedGradient.copy_(flat);
        BodyGradient();
    }

    /// <summary>
    /// <see cref="Forward"/>, <see cref="Head"/>, the loss of a causal language model and <see cref="Backward"/> in one, without allocating: over every target
    /// l = (1−ε)(−log p) + ε · mean over the vocabulary of −log p + ζ (log Z)², summed and divided by <paramref name="count"/>.
    /// </summary>
    /// <param name="batch">The sequences.</param>
    /// <param name="targets">The target of each position; negative where nothing is predicted.</param>
    /// <param name="labelSmoothing">ε.</param>
    /// <param name="zLoss">ζ.</param>
    /// <param name="count">Targets of the whole update.</param>
    /// <returns>The batch's share of the loss.</returns>
    public double Accumulate(TokenBatch batch, ReadOnlySpan<long> targets, double labelSmoothing, double zLoss, long count)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Prepare(batch);
        Body();
        double loss = _headPass!.Accumulate(targets, labelSmoothing, zLoss, count);
        BodyGradient();
        return loss;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _headPass?.Dispose();
        _workspace?.Dispose();
        foreach (FusedLayer layer in _layers)
        {
            layer.Dispose();
        }

        _head.Dispose();
        _roundedGradient?.Dispose();
        _blockSums.Dispose();
        Shared.Dispose();
    }

    /// <summary>The residual stream of the last forward pass, a copy: 0 after the embedding, i after layer i, [rows · length, width].</summary>
    internal torch.Tensor Residual(int layer)
    {
        using torch.Tensor view = _workspace!.Streams[2 * layer].Matrix(_views!.Tokens, Plan.Spec.Width);
        return view.clone();
    }

    /// <summary>The logits of the last forward pass, [rows, length, vocabulary], all at once.</summary>
    internal torch.Tensor Logits()
    {
        using IDisposable noGradient = torch.no_grad();
        return _views!.Hidden(_rows).matmul(Shared.Head.t());
    }

    private static void Refuse(ModelPlan plan, FloatType type)
    {
        if (Lacks(plan, type) is { } feature)
        {
            throw new NotSupportedException($"the fused executor lacks {feature}");
        }
    }

    private static float* GradientOf(torch.Tensor weight)
    {
        using torch.Tensor gradient = weight.grad!;
        return (float*)FusedBuffer.PointerOf(gradient);
    }

    private void Prepare(TokenBatch batch)
    {
        int count = batch.Rows * batch.Length;
        if (Plan.Spec.Positions is LearnedPositions && batch.Length > Plan.Spec.ContextLength)
        {
            throw new ArgumentException($"sequences of {batch.Length} tokens are longer than the model's {Plan.Spec.ContextLength} positions", nameof(batch));
        }

        int threads = torch.get_num_threads();
        if (_workspace is null || _workspace.Tokens < count || _workspace.Length < batch.Length || _workspace.Threads < threads)
        {
            int tokens = Math.Max(count, _workspace?.Tokens ?? 0);
            int length = Math.Max(batch.Length, _workspace?.Length ?? 0);
            _headPass?.Dispose();
            _workspace?.Dispose();
            (_headPass, _workspace) = (null, null);
            _workspace = new FusedWorkspace(Plan.Spec, Type, tokens, length, threads);
            _headPass = new FusedHead(_head, _workspace, _kernels, Type, _clock);
        }

        _views = _workspace.For(count);
        (_rows, _length) = (batch.Rows, batch.Length);
        ReadOnlySpan<int> tokenIds = batch.Tokens.Span;
        ReadOnlySpan<int> documents = batch.Documents.Span;
        int* ids = _workspace.TokenIds.Integers;
        int* starts = _workspace.Starts.Integers;
        int* places = _workspace.Places.Integers;
        int vocabulary = Plan.Spec.VocabularySize;
        for (int at = 0; at < count; at++)
        {
            int t = at % batch.Length;
            if ((uint)tokenIds[at] >= (uint)vocabulary)
            {
                throw new ArgumentOutOfRangeException(nameof(batch), $"token {tokenIds[at]} is not in the vocabulary of {vocabulary}");
            }

            ids[at] = tokenIds[at];
            // padding stands alone: it sees itself
            starts[at] = t == 0 ? 0 : documents.IsEmpty ? 0 : documents[at] < 0 || documents[at] != documents[at - 1] ? t : starts[at - 1];
            places[at] = t - starts[at];
        }
    }

    private void Body()
    {
        FusedWorkspace w = _workspace!;
        FusedViews v = _views!;
        int count = v.Tokens;
        int width = Plan.Spec.Width;
        _clock.Begin();
        if (Type == FloatType.BFloat16)
        {
            foreach (FusedLayer layer in _layers)
            {
                layer.Input.Refresh(_kernels);
                layer.Output.Refresh(_kernels);
                layer.Up.Refresh(_kernels);
                layer.Down.Refresh(_kernels);
            }

            _head.Refresh(_kernels);
            _clock.Mark(StepPart.Conversions);
        }

        _kernels.Embed(w.TokenIds.Integers, w.Places.Integers, _embedding, _positions, w.Streams[0].Singles, count, width);
        _clock.Mark(StepPart.Embedding);
        for (int i = 0; i < _layers.Length; i++)
        {
            FusedLayer layer = _layers[i];
            FusedLayerViews views = v.Layers[i];
            Norm(2 * i, i == 0 ? null : _layers[i - 1].Down.Bias);
            Product(layer.Input, v.Normed[2 * i], views.Input, w.Inputs[i]);
            _kernels.Attend(AttentionOf(i));
            _clock.Mark(StepPart.Attention);
            layer.Output.Forward(views.Mixed, v.Added);
            _clock.Mark(StepPart.Products);
            Norm((2 * i) + 1, layer.Output.Bias);
            Product(layer.Up, v.Normed[(2 * i) + 1], views.Up, w.Ups[i]);
            _kernels.FeedForward(layer.Spec.FeedForward, w.Ups[i].Pointer, w.Activated[i].Pointer, count);
            _clock.Mark(StepPart.Activations);
            layer.Down.Forward(views.Activated, v.Added);
            _clock.Mark(StepPart.Products);
        }

        Norm(2 * _layers.Length, _layers[^1].Down.Bias);
    }

    private void BodyGradient()
    {
        FusedWorkspace w = _workspace!;
        FusedViews v = _views!;
        int count = v.Tokens;
        int width = Plan.Spec.Width;
        FusedBuffer slope = w.StreamGradientCopy ?? w.StreamGradient;
        _clock.Begin();
        NormGradient(2 * _layers.Length);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            FusedLayer layer = _layers[i];
            FusedLayerViews views = v.Layers[i];
            ProductGradient(layer.Down, v.StreamGradient, v.TransposedStreamGradient, slope, views.Activated, views.ActivatedGradient);
            _kernels.FeedForwardGradient(layer.Spec.FeedForward, w.Ups[i].Pointer, w.ActivatedGradient.Pointer, count);
            _clock.Mark(StepPart.Activations);
            ProductGradient(layer.Up, views.Up, views.TransposedUp, w.Ups[i], v.Normed[(2 * i) + 1], v.NormedGradient);
            NormGradient((2 * i) + 1);
            ProductGradient(layer.Output, v.StreamGradient, v.TransposedStreamGradient, slope, views.Mixed, views.MixedGradient);
            _kernels.AttendGradient(AttentionOf(i));
            _clock.Mark(StepPart.AttentionGradient);
            ProductGradient(layer.Input, views.Input, views.TransposedInput, w.Inputs[i], v.Normed[2 * i], v.NormedGradient);
            NormGradient(2 * i);
        }

        _kernels.ScatterAdd(w.TokenIds.Integers, w.StreamGradient.Singles, _embeddingGradient, count, width);
        if (_positions != null)
        {
            _kernels.ScatterAdd(w.Places.Integers, w.StreamGradient.Singles, _positionsGradient, count, width);
        }

        _clock.Mark(StepPart.Embedding);
        // what the backward pass needs has been overwritten
        _views = null;
    }

    private void Product(FusedMatrix matrix, torch.Tensor x, torch.Tensor y, FusedBuffer memory)
    {
        matrix.Forward(x, y);
        if (matrix.Bias != null)
        {
            _kernels.AddBias(memory.Pointer, matrix.Bias, _rows * _length, matrix.Outputs);
        }

        _clock.Mark(StepPart.Products);
    }

    private void ProductGradient(FusedMatrix matrix, torch.Tensor dy, torch.Tensor transposedDy, FusedBuffer memory, torch.Tensor x, torch.Tensor dx)
    {
        matrix.InputGradient(dy, dx);
        matrix.AddGradient(transposedDy, x, _kernels);
        if (matrix.Bias != null)
        {
            _kernels.AddColumnSums(memory.Pointer, matrix.BiasGradient, _rows * _length, matrix.Outputs);
        }

        _clock.Mark(StepPart.ProductGradients);
    }

    private void Norm(int site, float* addedBias)
    {
        FusedWorkspace w = _workspace!;
        NormArguments arguments = ArgumentsOf(site);
        if (site > 0)
        {
            arguments.Stream = w.Streams[site - 1].Singles;
            arguments.Added = w.Added.Pointer;
            arguments.AddedBias = addedBias;
        }

        if (site == _norms.Length - 1 && w.Hidden != w.Normed[site])
        {
            arguments.NormedSingle = w.Hidden.Singles;
        }

        _kernels.Norm(arguments, _views!.Tokens);
        _clock.Mark(StepPart.Norms);
    }

    private void NormGradient(int site)
    {
        FusedWorkspace w = _workspace!;
        NormArguments arguments = ArgumentsOf(site);
        arguments.NormedGradient = w.NormedGradient.Pointer;
        arguments.StreamGradient = w.StreamGradient.Singles;
        arguments.StreamGradientCopy = w.StreamGradientCopy is null ? null : w.StreamGradientCopy.Pointer;
        arguments.Begins = site == _norms.Length - 1;
        arguments.Sums = w.Sums.Singles;
        _kernels.NormGradient(arguments, _views!.Tokens, _norms[site].WeightGradient, _norms[site].BiasGradient);
        _clock.Mark(StepPart.Norms);
    }

    private NormArguments ArgumentsOf(int site) => new()
    {
        Sum = _workspace!.Streams[site].Singles,
        Weight = _norms[site].Weight,
        Bias = _norms[site].Bias,
        Centred = _norms[site].Spec.Kind == NormKind.Layer,
        Epsilon = (float)_norms[site].Spec.Epsilon,
        Statistics = _workspace.Statistics[site].Singles,
        Normed = _workspace.Normed[site].Pointer,
        Width = Plan.Spec.Width,
    };

    private AttentionArguments AttentionOf(int layer)
    {
        FusedWorkspace w = _workspace!;
        AttentionSpec spec = _layers[layer].Spec.Attention;
        AttentionArguments arguments = new()
        {
            Rows = _rows,
            Length = _length,
            Heads = spec.Heads,
            KeyHeads = spec.KeyValueHeads,
            HeadSize = spec.HeadSize,
            Window = spec.SlidingWindow ?? int.MaxValue,
            Input = w.Inputs[layer].Pointer,
            Output = w.Mixed[layer].Pointer,
            OutputGradient = w.MixedGradient.Pointer,
            LogSums = w.LogSums[layer].Singles,
            Starts = w.Starts.Integers,
            Scratch = w.Scratch.Singles,
            ScratchSize = (nint)w.ScratchSize,
            Next = w.Next.Integers,
        };
        if (w.Angles.TryGetValue(spec.HeadSize, out (FusedBuffer Cosine, FusedBuffer Sine) angles))
        {
            arguments.Cosine = angles.Cosine.Singles;
            arguments.Sine = angles.Sine.Singles;
        }

        return arguments;
    }

    private torch.Tensor Spread(float* values)
    {
        torch.Tensor whole = torch.zeros([_rows, _length], torch.ScalarType.Float32);
        Span<float> numbers = MemoryMarshal.Cast<byte, float>(whole.bytes);
        ReadOnlySpan<int> index = _headPass!.Index;
        for (int i = 0; i < index.Length; i++)
        {
            numbers[index[i]] = values[i];
        }

        return whole;
    }

    private void Gather(torch.Tensor gradient, float* values)
    {
        using torch.Tensor detached = gradient.detach();
        using torch.Tensor single = detached.to(torch.ScalarType.Float32, copy: true);
        using torch.Tensor plain = single.contiguous();
        ReadOnlySpan<float> numbers = MemoryMarshal.Cast<byte, float>(plain.bytes);
        ReadOnlySpan<int> index = _headPass!.Index;
        for (int i = 0; i < index.Length; i++)
        {
            values[i] = numbers[index[i]];
        }
    }
}
