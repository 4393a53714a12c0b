namespace Athanor.Core.Files;

/// <summary>Element types of a safetensors file.</summary>
public enum TensorType
{
    /// <summary>Boolean, one byte.</summary>
    Bool,

    /// <summary>Unsigned byte.</summary>
    U8,

    /// <summary>Signed byte.</summary>
    I8,

    /// <summary>16-bit integer.</summary>
    I16,

    /// <summary>32-bit integer.</summary>
    I32,

    /// <summary>64-bit integer.</summary>
    I64,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>Single precision.</summary>
    F32,

    /// <summary>Double precision.</summary>
    F64,
}

/// <summary>A tensor's place in a file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Offset">Where its bytes begin in the file.</param>
/// <param name="Bytes">How many there are.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Offset, long Bytes);

/// <summary>A memory-mapped safetensors file. The header is checked whole (sizes, overlaps, range) before anything is read.</summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors => throw new NotImplementedException();

    /// <summary>The header's free-form texts.</summary>
    public IReadOnlyDictionary<string, string> Metadata => throw new NotImplementedException();

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="Errors.AthanorException">The file is missing, truncated or malformed.</exception>
    public static SafetensorsFile Open(string path) => throw new NotImplementedException();

    /// <summary>The bytes of a tensor, little-endian, in the mapped file; valid until the file is disposed. Tensors of 2 GiB and more are read in pieces.</summary>
    public ReadOnlySpan<byte> Read(TensorEntry tensor, long offset, int count) => throw new NotImplementedException();

    /// <summary>A tensor as single-precision numbers, converted from any floating type.</summary>
    public float[] ReadSingles(string name) => throw new NotImplementedException();

    /// <summary>A tensor as double-precision numbers, converted from any floating type.</summary>
    public double[] ReadDoubles(string name) => throw new NotImplementedException();

    /// <summary>A tensor as 64-bit integers, converted from any integer type or Boolean.</summary>
    public long[] ReadIntegers(string name) => throw new NotImplementedException();

    /// <summary>Writes a file whole or not at all. Tensors are laid out in the given order.</summary>
    /// <param name="path">Where.</param>
    /// <param name="tensors">What to write: name, type, shape, and a callback that writes the bytes.</param>
    /// <param name="metadata">The header's free-form texts.</param>
    public static void Write(string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Write">Writes exactly its bytes.</param>
public sealed record TensorToWrite(string Name, TensorType Type, IReadOnlyList<long> Shape, Action<Stream> Write);
