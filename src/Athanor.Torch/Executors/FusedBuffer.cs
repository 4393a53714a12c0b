using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>Memory of the fused executor: taken once, seen by libtorch as matrices and by kernels as a pointer.</summary>
internal sealed unsafe class FusedBuffer : IDisposable
{
    private readonly torch.Tensor _flat;

    /// <summary>Takes memory for so many numbers; what stands in it is not defined.</summary>
    public FusedBuffer(long count, torch.ScalarType type)
    {
        Count = Math.Max(1, count);
        _flat = torch.empty(Count, type).DetachFromDisposeScope();
        Pointer = PointerOf(_flat);
    }

    /// <summary>How many numbers there are.</summary>
    public long Count { get; }

    /// <summary>The first of them.</summary>
    public void* Pointer { get; }

    /// <summary>The first of them, where they are in single precision.</summary>
    public float* Singles => (float*)Pointer;

    /// <summary>The first of them, where they are 32-bit integers.</summary>
    public int* Integers => (int*)Pointer;

    /// <summary>Bytes taken.</summary>
    public long Bytes => Count * _flat.element_size();

    /// <summary>A tensor's memory, which stays where it is as long as the tensor lives.</summary>
    public static void* PointerOf(torch.Tensor tensor)
    {
        using torch.Tensor detached = tensor.detach();
        using torch.Tensor flat = detached.view(-1);
        using torch.Tensor first = flat.narrow(0, 0, Math.Min(1, flat.shape[0]));
        fixed (byte* pointer = first.bytes)
        {
            return pointer;
        }
    }

    /// <summary>A view of the memory as a matrix, for the caller to dispose of.</summary>
    public torch.Tensor Matrix(long rows, long columns, long from = 0)
    {
        using torch.Tensor part = _flat.narrow(0, from * columns, rows * columns);
        return part.view(rows, columns).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _flat.Dispose();
}
