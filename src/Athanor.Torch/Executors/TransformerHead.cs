using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// The head with its softmax, forward and backward written out. Only positions with a target are multiplied with the vocabulary; logits stand in one buffer that is reused
/// from step to step, and where they would not fit they are computed again for the gradient, a chunk of rows at a time.
/// </summary>
internal sealed class TransformerHead : IDisposable
{
    // Chunks of logits stay in the processor's cache between the product and the passes over them.
    private const long ChunkBytes = 4 << 20;
    private const long KeptBytes = 128 << 20;

    private readonly TransformerWeights _weights;
    private readonly torch.ScalarType _computed;
    private readonly int _vocabulary;
    private torch.Tensor? _buffer;
    private State? _state;

    public TransformerHead(TransformerWeights weights)
    {
        _weights = weights;
        _computed = weights.Type.Computed();
        _vocabulary = weights.Plan.Spec.VocabularySize;
    }

    private sealed record State(torch.Tensor Rows, torch.Tensor Targets, torch.Tensor? Index, torch.Tensor LogPartition, bool Kept);

    /// <summary>What the head says of each target.</summary>
    /// <param name="hidden">Hidden states, [rows · length, width], without a gradient.</param>
    /// <param name="targets">Targets, [rows, length], int64; −1 where there is none.</param>
    public HeadOutput Forward(torch.Tensor hidden, torch.Tensor targets)
    {
        ForgetState();
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        long[] shape = targets.shape;
        long[] flat = targets.contiguous().data<long>().ToArray();
        long[] positions = [.. Enumerable.Range(0, flat.Length).Where(i => flat[i] >= 0).Select(i => (long)i)];
        bool all = positions.Length == flat.Length;
        torch.Tensor? index = all ? null : torch.tensor(positions);
        torch.Tensor rows = (index is null ? hidden : hidden.index_select(0, index)).to(_computed);
        torch.Tensor wanted = torch.tensor(all ? flat : [.. positions.Select(i => flat[i])]).unsqueeze(1);

        int count = positions.Length;
        torch.Tensor logProbability = torch.empty(count, dtype: hidden.dtype);
        torch.Tensor logPartition = torch.empty(count, dtype: hidden.dtype);
        torch.Tensor mean = torch.empty(count, dtype: hidden.dtype);
        bool kept = Reserve(count);
        torch.Tensor matrix = _weights.Head.detach().to(_computed).t();
        foreach ((int from, int size) in Chunks(count))
        {
            using DisposeScope chunkScope = torch.NewDisposeScope();
            torch.Tensor logits = Logits(rows, matrix, from, size, kept).to(hidden.dtype);
            torch.Tensor partition = logits.logsumexp(1, keepdim: true);
            logPartition.narrow(0, from, size).copy_(partition.squeeze(1));
            logProbability.narrow(0, from, size).copy_((logits.gather(1, wanted.narrow(0, from, size)) - partition).squeeze(1));
            mean.narrow(0, from, size).copy_((logits.mean([1], keepdim: true) - partition).squeeze(1));
        }

        _state = new State(rows.DetachFromDisposeScope(), wanted.DetachFromDisposeScope(), index?.DetachFromDisposeScope(), logPartition.DetachFromDisposeScope(), kept);
        return new HeadOutput(Spread(logProbability, index, shape), Spread(logPartition, index, shape), Spread(mean, index, shape));
    }

    /// <summary>Adds the gradient of the head's matrix and gives that of the hidden states, [rows · length, width]. Can be asked once for each forward pass.</summary>
    public torch.Tensor Backward(HeadOutput gradient)
    {
        State state = _state ?? throw new InvalidOperationException("a head's gradient can be taken once after each Head");
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor target = Gather(gradient.LogProbability, state.Index);
        torch.Tensor partition = Gather(gradient.LogPartition, state.Index);
        torch.Tensor mean = Gather(gradient.MeanLogProbability, state.Index);
        // d log p = onehot − p, d log Z = p, d mean = 1/V − p
        torch.Tensor probability = partition - target - mean;
        bool smoothed = mean.count_nonzero().ToInt64() > 0;

        int count = (int)state.Rows.shape[0];
        torch.Tensor matrix = _weights.Head.detach().to(_computed);
        torch.Tensor transposed = matrix.t();
        torch.Tensor rowsGradient = torch.empty([count, state.Rows.shape[1]], dtype: _computed);
        foreach ((int from, int size) in Chunks(count))
        {
            using DisposeScope chunkScope = torch.NewDisposeScope();
            torch.Tensor logits = state.Kept ? _buffer!.narrow(0, from, size) : Logits(state.Rows, transposed, from, size, kept: false);
            logits.sub_(state.LogPartition.narrow(0, from, size).unsqueeze(1)).exp_().mul_(probability.narrow(0, from, size));
            if (smoothed)
            {
                logits.add_(mean.narrow(0, from, size) / _vocabulary);
            }

            logits.scatter_add_(1, state.Targets.narrow(0, from, size), target.narrow(0, from, size).to(_computed));
            rowsGradient.narrow(0, from, size).addmm_(logits, matrix, 0, 1);
            if (_computed == _weights.HeadGradient.dtype)
            {
                _weights.HeadGradient.addmm_(logits.t(), state.Rows.narrow(0, from, size), 1, 1);
            }
            else
            {
                _weights.HeadGradient.add_(logits.t().mm(state.Rows.narrow(0, from, size)));
            }
        }

        torch.Tensor result = rowsGradient.to(_weights.HeadGradient.dtype);
        if (state.Index is { } index)
        {
            result = torch.zeros([gradient.LogProbability.numel(), result.shape[1]], dtype: result.dtype).index_copy_(0, index, result);
        }

        ForgetState();
        return result.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ForgetState();
        _buffer?.Dispose();
    }

    private torch.Tensor Logits(torch.Tensor rows, torch.Tensor matrix, int from, int size, bool kept)
    {
        torch.Tensor logits = _buffer!.narrow(0, kept ? from : 0, size);
        logits.addmm_(rows.narrow(0, from, size), matrix, 0, 1);
        return logits;
    }

    private bool Reserve(int count)
    {
        long rowBytes = (long)_vocabulary * (_computed == torch.ScalarType.Float64 ? 8 : _computed == torch.ScalarType.Float32 ? 4 : 2);
        bool kept = count * rowBytes <= KeptBytes;
        int needed = kept ? count : ChunkRows();
        if (_buffer is null || _buffer.shape[0] < needed)
        {
            _buffer?.Dispose();
            _buffer = torch.empty([needed, _vocabulary], dtype: _computed).DetachFromDisposeScope();
        }

        return kept;
    }

    private int ChunkRows() => (int)Math.Max(64, ChunkBytes / (_vocabulary * 4L) / 64 * 64);

    private IEnumerable<(int From, int Size)> Chunks(int count)
    {
        int rows = ChunkRows();
        for (int from = 0; from < count; from += rows)
        {
            yield return (from, Math.Min(rows, count - from));
        }
    }

    private static torch.Tensor Spread(torch.Tensor values, torch.Tensor? index, long[] shape)
    {
        torch.Tensor whole = index is null ? values.clone() : torch.zeros([shape[0] * shape[1]], dtype: values.dtype).index_copy_(0, index, values);
        return whole.view(shape).MoveToOuterDisposeScope();
    }

    private static torch.Tensor Gather(torch.Tensor gradient, torch.Tensor? index)
    {
        torch.Tensor flat = gradient.detach().reshape(-1);
        return (index is null ? flat : flat.index_select(0, index)).unsqueeze(1);
    }

    private void ForgetState()
    {
        if (_state is { } state)
        {
            state.Rows.Dispose();
            state.Targets.Dispose();
            state.Index?.Dispose();
            state.LogPartition.Dispose();
            _state = null;
        }
    }
}
