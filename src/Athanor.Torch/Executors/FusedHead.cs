using Athanor.Torch.Kernels;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// The fused executor's head: only positions with a target are multiplied with the vocabulary, a chunk of rows at a time, and a chunk's logits become their gradient in place. Chunks
/// are rounded up to whole <see cref="Step"/>s with rows of zeros, so that the matrices seen by libtorch are few and made once.
/// </summary>
internal sealed unsafe class FusedHead : IDisposable
{
    private const int Step = 64;
    private const int MostRows = 512;
    private const long MostBytes = 64 << 20;

    private readonly FusedMatrix _matrix;
    private readonly FusedWorkspace _workspace;
    private readonly KernelSet _kernels;
    private readonly PartClock _clock;
    private readonly int _width;
    private readonly int _chunkRows;
    private readonly FusedBuffer _logits;
    private readonly FusedBuffer _chosen;
    private readonly FusedBuffer _chosenGradient;
    private readonly FusedBuffer _integers;
    private readonly FusedBuffer _numbers;
    private readonly int* _index;
    private readonly int* _inverse;
    private readonly int* _targets;
    private readonly Dictionary<(int From, int Size, bool Direct), (torch.Tensor Hidden, torch.Tensor Gradient)> _rows = [];
    private readonly Dictionary<int, (torch.Tensor Logits, torch.Tensor Transposed)> _chunks = [];
    private int _count;
    private int _positions;
    private bool _direct;
    private bool _pending;

    public FusedHead(FusedMatrix matrix, FusedWorkspace workspace, KernelSet kernels, FloatType type, PartClock clock)
    {
        _matrix = matrix;
        _workspace = workspace;
        _kernels = kernels;
        _clock = clock;
        _width = workspace.Spec.Width;
        long most = MostBytes / ((long)matrix.Outputs * kernels.Bytes) / Step * Step;
        int needed = (workspace.Tokens + Step - 1) / Step * Step;
        _chunkRows = (int)Math.Min(needed, Math.Clamp(most, Step, MostRows));
        _logits = new FusedBuffer((long)_chunkRows * matrix.Outputs, type.Computed());
        _chosen = new FusedBuffer((long)needed * _width, type.Computed());
        _chosenGradient = new FusedBuffer((long)needed * _width, type.Computed());
        _integers = new FusedBuffer(3L * needed, torch.ScalarType.Int32);
        _index = _integers.Integers;
        _targets = _index + needed;
        _inverse = _targets + needed;
        _numbers = new FusedBuffer(6L * needed, torch.ScalarType.Float32);
        LogProbability = _numbers.Singles;
        LogPartition = LogProbability + needed;
        MeanLogProbability = LogPartition + needed;
        OnLogProbability = MeanLogProbability + needed;
        OnLogPartition = OnLogProbability + needed;
        OnMean = OnLogPartition + needed;
    }

    /// <summary>Positions with a target.</summary>
    public int Count => _count;

    /// <summary>Where they stand among all.</summary>
    public ReadOnlySpan<int> Index => new(_index, _count);

    /// <summary>What is known of each position with a target.</summary>
    public float* LogProbability { get; }

    public float* LogPartition { get; }

    public float* MeanLogProbability { get; }

    /// <summary>A loss's gradient with respect to them, for <see cref="Backward"/>.</summary>
    public float* OnLogProbability { get; }

    public float* OnLogPartition { get; }

    public float* OnMean { get; }

    /// <summary>Bytes taken.</summary>
    public long Bytes => _logits.Bytes + _chosen.Bytes + _chosenGradient.Bytes + _integers.Bytes + _numbers.Bytes;

    /// <summary>What the head says of each target.</summary>
    public void Forward(ReadOnlySpan<long> targets)
    {
        Choose(targets);
        for (int from = 0; from < _count; from += _chunkRows)
        {
            int size = SizeOf(from);
            Logits(from, size);
            _kernels.Softmax(Arguments(from) with { Computes = true }, size);
            _clock.Mark(StepPart.Softmax);
        }

        _pending = true;
    }

    /// <summary>Adds the gradient of the head's matrix; the gradient of the hidden states is left where the body's backward pass begins. Once after each <see cref="Forward"/>.</summary>
    public void Backward()
    {
        if (!_pending)
        {
            throw new InvalidOperationException("a head's gradient can be taken once after each Head");
        }

        _pending = false;
        for (int from = 0; from < _count; from += _chunkRows)
        {
            int size = SizeOf(from);
            if (_count > _chunkRows)
            {
                // of more than one chunk the logits are gone
                Logits(from, size);
            }

            _kernels.Softmax(Arguments(from) with { Differentiates = true }, size);
            _clock.Mark(StepPart.Softmax);
            Gradients(from, size);
        }

        Spread();
    }

    /// <summary>Both at once for the loss (1−ε)(−log p) + ε·mean(−log p) + ζ(log Z)², summed and divided by <paramref name="count"/>: each chunk's logits are computed once.</summary>
    /// <returns>The loss.</returns>
    public double Accumulate(ReadOnlySpan<long> targets, double smoothing, double zLoss, long count)
    {
        Choose(targets);
        _pending = false;
        double loss = 0;
        for (int from = 0; from < _count; from += _chunkRows)
        {
            int size = SizeOf(from);
            Logits(from, size);
            _kernels.Softmax(Arguments(from) with { Computes = true, Differentiates = true, Share = (float)(1.0 / count), Smoothing = (float)smoothing, ZLoss = (float)zLoss }, size);
            _clock.Mark(StepPart.Softmax);
            Gradients(from, size);
        }

        Spread();
        for (int i = 0; i < _count; i++)
        {
            loss -= ((1 - smoothing) * LogProbability[i]) + (smoothing * MeanLogProbability[i]) - (zLoss * LogPartition[i] * LogPartition[i]);
        }

        return loss / count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((torch.Tensor hidden, torch.Tensor gradient) in _rows.Values)
        {
            hidden.Dispose();
            gradient.Dispose();
        }

        foreach ((torch.Tensor logits, torch.Tensor transposed) in _chunks.Values)
        {
            transposed.Dispose();
            logits.Dispose();
        }

        _logits.Dispose();
        _chosen.Dispose();
        _chosenGradient.Dispose();
        _integers.Dispose();
        _numbers.Dispose();
    }

    private void Choose(ReadOnlySpan<long> targets)
    {
        _clock.Begin();
        _count = 0;
        _positions = targets.Length;
        for (int i = 0; i < targets.Length; i++)
        {
            long target = targets[i];
            if (target >= _matrix.Outputs)
            {
                throw new ArgumentOutOfRangeException(nameof(targets), $"target {target} is not in the vocabulary of {_matrix.Outputs}");
            }

            _inverse[i] = -1;
            if (target >= 0)
            {
                _index[_count] = i;
                _targets[_count] = (int)target;
                _inverse[i] = _count++;
            }
        }

        int whole = (_count + Step - 1) / Step * Step;
        for (int i = _count; i < whole; i++)
        {
            _index[i] = -1;
            _targets[i] = -1;
        }

        _direct = _count == targets.Length && _count == whole;
        if (!_direct)
        {
            _kernels.Gather(_workspace.Normed[^1].Pointer, _index, _chosen.Pointer, whole, _width);
        }

        _clock.Mark(StepPart.Softmax);
    }

    private int SizeOf(int from) => Math.Min(_chunkRows, (_count - from + Step - 1) / Step * Step);

    private SoftmaxArguments Arguments(int from) => new()
    {
        Logits = _logits.Pointer,
        Targets = _targets + from,
        Vocabulary = _matrix.Outputs,
        LogProbability = LogProbability + from,
        LogPartition = LogPartition + from,
        MeanLogProbability = MeanLogProbability + from,
        OnLogProbability = OnLogProbability + from,
        OnLogPartition = OnLogPartition + from,
        OnMean = OnMean + from,
    };

    private void Logits(int from, int size)
    {
        _matrix.Forward(RowsOf(from, size).Hidden, ChunkOf(size).Logits);
        _clock.Mark(StepPart.Head);
    }

    private void Gradients(int from, int size)
    {
        (torch.Tensor hidden, torch.Tensor gradient) = RowsOf(from, size);
        (torch.Tensor logits, torch.Tensor transposed) = ChunkOf(size);
        _matrix.InputGradient(logits, gradient);
        _matrix.AddGradient(transposed, hidden, _kernels);
        _clock.Mark(StepPart.Head);
    }

    private void Spread()
    {
        if (!_direct)
        {
            _kernels.Gather(_chosenGradient.Pointer, _inverse, _workspace.NormedGradient.Pointer, _positions, _width);
            _clock.Mark(StepPart.Softmax);
        }
    }

    private (torch.Tensor Hidden, torch.Tensor Gradient) RowsOf(int from, int size)
    {
        if (!_rows.TryGetValue((from, size, _direct), out (torch.Tensor Hidden, torch.Tensor Gradient) rows))
        {
            FusedBuffer hidden = _direct ? _workspace.Normed[^1] : _chosen;
            FusedBuffer gradient = _direct ? _workspace.NormedGradient : _chosenGradient;
            rows = (Part(hidden, from, size), Part(gradient, from, size));
            _rows.Add((from, size, _direct), rows);
        }

        return rows;
    }

    private torch.Tensor Part(FusedBuffer buffer, int from, int size)
    {
        using torch.Tensor whole = buffer.Matrix(from + size, _width);
        return whole.narrow(0, from, size).DetachFromDisposeScope();
    }

    private (torch.Tensor Logits, torch.Tensor Transposed) ChunkOf(int size)
    {
        if (!_chunks.TryGetValue(size, out (torch.Tensor Logits, torch.Tensor Transposed) chunk))
        {
            torch.Tensor logits = _logits.Matrix(size, _matrix.Outputs);
            chunk = (logits, logits.t().DetachFromDisposeScope());
            _chunks.Add(size, chunk);
        }

        return chunk;
    }
}
