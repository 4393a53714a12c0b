using Athanor.Core.Errors;
using Athanor.Core.Files;
using TorchSharp;

namespace Athanor.Training.Checkpoints;

/// <summary>Tensors by name in a safetensors file, written and read back bit by bit.</summary>
internal static class TensorFile
{
    public static void Write(string path, IEnumerable<KeyValuePair<string, torch.Tensor>> tensors) =>
        SafetensorsFile.Write(path, tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new TensorToWrite(pair.Key, TypeOf(pair.Value), pair.Value.shape, stream => WriteBytes(pair.Value, stream))));

    /// <summary>Copies a file's tensors into existing ones, which must be the same in names, types and shapes.</summary>
    public static void ReadInto(string path, IReadOnlyDictionary<string, torch.Tensor> tensors)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Tensors.Count != tensors.Count)
        {
            throw Unfit(path, $"holds {file.Tensors.Count} tensors instead of {tensors.Count}");
        }

        using IDisposable noGradient = torch.no_grad();
        foreach ((string name, torch.Tensor tensor) in tensors)
        {
            if (!file.Tensors.TryGetValue(name, out TensorEntry? entry) || entry.Type != TypeOf(tensor) || !entry.Shape.SequenceEqual(tensor.shape))
            {
                throw Unfit(path, $"does not fit at {name}");
            }

            using torch.Tensor host = torch.empty(tensor.shape, tensor.dtype);
            Span<byte> bytes = host.bytes;
            for (long offset = 0; offset < entry.Bytes;)
            {
                int count = (int)Math.Min(1 << 26, entry.Bytes - offset);
                file.Read(entry, offset, count).CopyTo(bytes[(int)offset..]);
                offset += count;
            }

            tensor.copy_(host);
        }
    }

    private static void WriteBytes(torch.Tensor tensor, Stream stream)
    {
        using torch.Tensor host = tensor.detach().cpu().contiguous();
        stream.Write(host.bytes);
    }

    private static TensorType TypeOf(torch.Tensor tensor) => tensor.dtype switch
    {
        torch.ScalarType.Float32 => TensorType.F32,
        torch.ScalarType.Float64 => TensorType.F64,
        torch.ScalarType.BFloat16 => TensorType.BF16,
        torch.ScalarType other => throw new NotSupportedException($"checkpoints hold no {other}"),
    };

    private static AthanorException Unfit(string path, string fault) => new($"{path} {fault}", "delete the checkpoint's folder to begin anew");
}
