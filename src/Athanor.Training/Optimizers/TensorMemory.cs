using System.Runtime.InteropServices;
using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>A tensor's numbers as a span, for the vector kernels that make one pass where libtorch's operations would make six.</summary>
internal static class TensorMemory
{
    /// <summary>Whether a tensor lies on the CPU, without gaps, in single or double precision.</summary>
    public static bool IsPlain(torch.Tensor tensor) =>
        tensor.dtype is torch.ScalarType.Float32 or torch.ScalarType.Float64 && tensor.device_type == DeviceType.CPU && tensor.is_contiguous();

    /// <summary>The numbers of a plain tensor.</summary>
    public static Span<T> Of<T>(torch.Tensor tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes);
}
