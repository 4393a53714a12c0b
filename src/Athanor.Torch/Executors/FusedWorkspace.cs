using Athanor.Models.Specifications;
using Athanor.Torch.Kernels;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// Everything a step of the fused executor writes beside weights and gradients, taken once for the largest batch: what the backward pass needs of each layer, and what is used again
/// by all. Batches of fewer tokens use the front of it.
/// </summary>
internal sealed unsafe class FusedWorkspace : IDisposable
{
    private readonly List<FusedBuffer> _buffers = [];
    private readonly Dictionary<int, FusedViews> _views = [];

    /// <summary>Takes the memory.</summary>
    /// <param name="spec">What the model is.</param>
    /// <param name="type">What it computes in.</param>
    /// <param name="tokens">The most tokens of a batch.</param>
    /// <param name="length">The longest row.</param>
    /// <param name="threads">libtorch's threads.</param>
    public FusedWorkspace(TransformerSpec spec, FloatType type, int tokens, int length, int threads)
    {
        Spec = spec;
        Tokens = tokens;
        Length = length;
        Threads = threads;
        torch.ScalarType computed = type.Computed();
        bool single = computed == torch.ScalarType.Float32;
        int layers = spec.Layers.Count;
        long stream = (long)tokens * spec.Width;
        Streams = [.. Enumerable.Range(0, (2 * layers) + 1).Select(_ => Take(stream, torch.ScalarType.Float32))];
        Normed = [.. Streams.Select(_ => Take(stream, computed))];
        Statistics = [.. Streams.Select(_ => Take(2L * tokens, torch.ScalarType.Float32))];
        Inputs = [.. spec.Layers.Select(layer => Take((long)tokens * InputWidth(layer.Attention), computed))];
        Mixed = [.. spec.Layers.Select(layer => Take((long)tokens * OutputWidth(layer.Attention), computed))];
        LogSums = [.. spec.Layers.Select(layer => Take((long)tokens * layer.Attention.Heads, torch.ScalarType.Float32))];
        Ups = [.. spec.Layers.Select(layer => Take((long)tokens * UpWidth(layer.FeedForward), computed))];
        Activated = [.. spec.Layers.Select(layer => Take((long)tokens * layer.FeedForward.Size, computed))];
        Added = Take(stream, computed);
        StreamGradient = Take(stream, torch.ScalarType.Float32);
        StreamGradientCopy = single ? null : Take(stream, computed);
        NormedGradient = Take(stream, computed);
        MixedGradient = Take(spec.Layers.Max(layer => (long)tokens * OutputWidth(layer.Attention)), computed);
        ActivatedGradient = Take(spec.Layers.Max(layer => (long)tokens * layer.FeedForward.Size), computed);
        Hidden = single ? Normed[^1] : Take(stream, torch.ScalarType.Float32);
        Sums = Take(2L * threads * spec.Width, torch.ScalarType.Float32);
        ScratchSize = spec.Layers.Max(layer => (long)AttentionArguments.ScratchFor(length, layer.Attention.HeadSize));
        Scratch = Take(threads * ScratchSize, torch.ScalarType.Float32);
        TokenIds = Take(tokens, torch.ScalarType.Int32);
        Starts = Take(tokens, torch.ScalarType.Int32);
        Places = Take(tokens, torch.ScalarType.Int32);
        Next = Take(16, torch.ScalarType.Int32);
        if (spec.Positions is RotaryPositions rotary)
        {
            foreach (int size in spec.Layers.Select(layer => layer.Attention.HeadSize).Distinct())
            {
                Angles.Add(size, AnglesOf(rotary, size, length));
            }
        }
    }

    public TransformerSpec Spec { get; }

    /// <summary>The most tokens of a batch.</summary>
    public int Tokens { get; }

    /// <summary>The longest row.</summary>
    public int Length { get; }

    public int Threads { get; }

    /// <summary>The residual stream at each norm: 2i before layer i's attention, 2i + 1 before its feed-forward, the last before the final norm.</summary>
    public FusedBuffer[] Streams { get; }

    public FusedBuffer[] Normed { get; }

    public FusedBuffer[] Statistics { get; }

    /// <summary>Queries, keys and values; then their gradients.</summary>
    public FusedBuffer[] Inputs { get; }

    /// <summary>What attention mixed.</summary>
    public FusedBuffer[] Mixed { get; }

    public FusedBuffer[] LogSums { get; }

    /// <summary>Gate and up; then their gradients.</summary>
    public FusedBuffer[] Ups { get; }

    public FusedBuffer[] Activated { get; }

    /// <summary>What the last product adds to the residual stream.</summary>
    public FusedBuffer Added { get; }

    public FusedBuffer StreamGradient { get; }

    /// <summary>In bfloat16, the stream's gradient for products.</summary>
    public FusedBuffer? StreamGradientCopy { get; }

    public FusedBuffer NormedGradient { get; }

    public FusedBuffer MixedGradient { get; }

    public FusedBuffer ActivatedGradient { get; }

    /// <summary>What the executor gives back: the last norm's result in single precision.</summary>
    public FusedBuffer Hidden { get; }

    public FusedBuffer Sums { get; }

    public FusedBuffer Scratch { get; }

    public long ScratchSize { get; }

    public FusedBuffer TokenIds { get; }

    /// <summary>Where each token's document begins in its row.</summary>
    public FusedBuffer Starts { get; }

    /// <summary>Each token's position in its document.</summary>
    public FusedBuffer Places { get; }

    public FusedBuffer Next { get; }

    /// <summary>Rotary angles by head size.</summary>
    public Dictionary<int, (FusedBuffer Cosine, FusedBuffer Sine)> Angles { get; } = [];

    /// <summary>Bytes taken.</summary>
    public long Bytes => _buffers.Sum(buffer => buffer.Bytes);

    public static int InputWidth(AttentionSpec attention) => (attention.Heads + (2 * attention.KeyValueHeads)) * attention.HeadSize;

    public static int OutputWidth(AttentionSpec attention) => attention.Heads * attention.HeadSize;

    public static int UpWidth(FeedForwardSpec feedForward) => feedForward.Kind == FeedForwardKind.Gated ? 2 * feedForward.Size : feedForward.Size;

    /// <summary>The matrices of a batch of so many tokens; made once.</summary>
    public FusedViews For(int tokens)
    {
        if (!_views.TryGetValue(tokens, out FusedViews? views))
        {
            views = new FusedViews(this, tokens);
            _views.Add(tokens, views);
        }

        return views;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FusedViews views in _views.Values)
        {
            views.Dispose();
        }

        foreach (FusedBuffer buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    private FusedBuffer Take(long count, torch.ScalarType type)
    {
        FusedBuffer buffer = new(count, type);
        _buffers.Add(buffer);
        return buffer;
    }

    private (FusedBuffer Cosine, FusedBuffer Sine) AnglesOf(RotaryPositions rotary, int size, int length)
    {
        double[] frequencies = rotary.Frequencies(size);
        FusedBuffer cosine = Take((long)length * frequencies.Length, torch.ScalarType.Float32);
        FusedBuffer sine = Take((long)length * frequencies.Length, torch.ScalarType.Float32);
        for (int position = 0; position < length; position++)
        {
            for (int i = 0; i < frequencies.Length; i++)
            {
                (double s, double c) = Math.SinCos(position * frequencies[i]);
                cosine.Singles[((long)position * frequencies.Length) + i] = (float)c;
                sine.Singles[((long)position * frequencies.Length) + i] = (float)s;
            }
        }

        return (cosine, sine);
    }
}
