using System.Runtime.InteropServices;
using Athanor.Core.Files;
using TorchSharp;

namespace Athanor.Conformance.Training;

/// <summary>Moves reference numbers into libtorch's tensors and back.</summary>
internal static class Tensors
{
    public static torch.ScalarType Type(Precision precision) => precision == Precision.Fp32 ? torch.ScalarType.Float32 : torch.ScalarType.Float64;

    public static torch.Tensor Read(SafetensorsFile file, string name, Precision precision)
    {
        torch.Tensor tensor = torch.tensor(file.ReadDoubles(name), [.. file.Tensors[name].Shape]);
        return tensor.to_type(Type(precision));
    }

    public static void Add(this CaseResults results, string name, torch.Tensor tensor)
    {
        using torch.Tensor doubles = tensor.detach().to_type(torch.ScalarType.Float64).contiguous();
        results.Add<double>(name, MemoryMarshal.Cast<byte, double>(doubles.bytes), tensor.shape);
    }
}
