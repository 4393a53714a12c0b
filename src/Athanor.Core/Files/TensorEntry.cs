namespace Athanor.Core.Files;

/// <summary>A tensor's place in a file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Offset">Where its bytes begin in the file.</param>
/// <param name="Bytes">How many there are.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Offset, long Bytes);

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Write">Writes exactly its bytes, little-endian.</param>
public sealed record TensorToWrite(string Name, TensorType Type, IReadOnlyList<long> Shape, Action<Stream> Write)
{
    /// <summary>A tensor of single-precision numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="values">Its numbers in row-major order, asked for when they are written.</param>
    public static TensorToWrite Singles(string name, IReadOnlyList<long> shape, Func<ReadOnlyMemory<float>> values) =>
        new(name, TensorType.F32, shape, stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values().Span)));

    /// <summary>A tensor of 64-bit integers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="values">Its numbers in row-major order, asked for when they are written.</param>
    public static TensorToWrite Integers(string name, IReadOnlyList<long> shape, Func<ReadOnlyMemory<long>> values) =>
        new(name, TensorType.I64, shape, stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values().Span)));
}
