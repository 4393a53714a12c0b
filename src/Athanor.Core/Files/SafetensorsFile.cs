using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Athanor.Core.Errors;

namespace Athanor.Core.Files;

/// <summary>
/// A memory-mapped safetensors file (https://github.com/huggingface/safetensors, "Format"): a length, a JSON header, the tensors' bytes without gaps.
/// The header is checked whole (sizes, overlaps, range) before anything is read.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int PieceBytes = 1 << 24;

    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly string _path;
    private byte* _bytes;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, SafetensorsHeader header)
    {
        _path = path;
        _map = map;
        _view = view;
        Tensors = header.Tensors;
        Metadata = header.Metadata;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>The header's free-form texts.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="AthanorException">The file is missing, truncated or malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            SafetensorsHeader header;
            using (FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read))
            {
                header = SafetensorsHeader.Read(stream);
            }

            map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(path, map, view, header);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            view?.Dispose();
            map?.Dispose();
            throw exception is FileNotFoundException or DirectoryNotFoundException
                ? new AthanorException($"{path} does not exist", "name a safetensors file, or a model folder that has one", exception)
                : new AthanorException($"{path} cannot be read as safetensors: {exception.Message}", "copy or download the file again; it is truncated, damaged or of another format", exception);
        }
    }

    /// <summary>The bytes of a tensor, little-endian, in the mapped file; valid until the file is disposed. Tensors of 2 GiB and more are read in pieces.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="offset">How far into the tensor to begin.</param>
    /// <param name="count">How many bytes.</param>
    public ReadOnlySpan<byte> Read(TensorEntry tensor, long offset, int count)
    {
        ObjectDisposedException.ThrowIf(_bytes == null, this);
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + count, tensor.Bytes, nameof(count));
        return new ReadOnlySpan<byte>(_bytes + tensor.Offset + offset, count);
    }

    /// <summary>A tensor as single-precision numbers, converted from any floating type.</summary>
    /// <exception cref="AthanorException">There is no such tensor, it is not of a floating type, or it has more numbers than an array holds.</exception>
    public float[] ReadSingles(string name)
    {
        (TensorEntry tensor, int count) = Find(name);
        float[] values = new float[count];
        int size = SafetensorsHeader.SizeOf(tensor.Type);
        for (int done = 0; done < count;)
        {
            ReadOnlySpan<byte> piece = Piece(tensor, (long)done * size);
            int numbers = piece.Length / size;
            Convert(piece, tensor, values.AsSpan(done, numbers));
            done += numbers;
        }

        return values;
    }

    /// <summary>A tensor as double-precision numbers, converted from any floating type.</summary>
    /// <exception cref="AthanorException">There is no such tensor, it is not of a floating type, or it has more numbers than an array holds.</exception>
    public double[] ReadDoubles(string name)
    {
        (TensorEntry tensor, int count) = Find(name);
        double[] values = new double[count];
        if (tensor.Type == TensorType.F64)
        {
            CopyRaw(tensor, MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        float[] singles = ReadSingles(name);
        for (int i = 0; i < count; i++)
        {
            values[i] = singles[i];
        }

        return values;
    }

    /// <summary>A tensor as 64-bit integers, converted from any integer type or Boolean.</summary>
    /// <exception cref="AthanorException">There is no such tensor, it is not of an integer type, or it has more numbers than an array holds.</exception>
    public long[] ReadIntegers(string name)
    {
        (TensorEntry tensor, int count) = Find(name);
        long[] values = new long[count];
        int size = SafetensorsHeader.SizeOf(tensor.Type);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> bytes = Read(tensor, (long)i * size, size);
            values[i] = tensor.Type switch
            {
                TensorType.Bool or TensorType.U8 => bytes[0],
                TensorType.I8 => (sbyte)bytes[0],
                TensorType.I16 => MemoryMarshal.Read<short>(bytes),
                TensorType.I32 => MemoryMarshal.Read<int>(bytes),
                TensorType.I64 => MemoryMarshal.Read<long>(bytes),
                _ => throw WrongType(tensor, "integers"),
            };
        }

        return values;
    }

    /// <summary>Writes a file whole or not at all. Tensors are laid out in the given order.</summary>
    /// <param name="path">Where.</param>
    /// <param name="tensors">What to write: name, type, shape, and a callback that writes the bytes.</param>
    /// <param name="metadata">The header's free-form texts.</param>
    /// <exception cref="AthanorException">The disk is full or the folder may not be written; the message names the file.</exception>
    public static void Write(string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        TensorToWrite[] all = [.. tensors];
        byte[] header = SafetensorsHeader.Format(all, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (TensorToWrite tensor in all)
            {
                tensor.Write(stream);
            }
        });

        long expected = 8 + header.Length + all.Sum(tensor => SafetensorsHeader.BytesOf(tensor.Type, tensor.Shape));
        if (new FileInfo(path).Length != expected)
        {
            File.Delete(path);
            throw new InvalidOperationException("a tensor wrote more or fewer bytes than its shape and type have");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes != null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _bytes = null;
            _view.Dispose();
            _map.Dispose();
        }
    }

    private (TensorEntry Tensor, int Count) Find(string name)
    {
        TensorEntry tensor = Tensors.TryGetValue(name, out TensorEntry? found) ? found : throw new AthanorException($"{_path} has no tensor named {name}", "use a file that has it");
        long count = tensor.Bytes / SafetensorsHeader.SizeOf(tensor.Type);
        return count <= Array.MaxLength ? (tensor, (int)count) : throw new AthanorException($"{_path}: tensor {name} has {count:N0} numbers, more than {Array.MaxLength:N0}", "use a file whose tensors are smaller");
    }

    private ReadOnlySpan<byte> Piece(TensorEntry tensor, long from) => Read(tensor, from, (int)Math.Min(PieceBytes, tensor.Bytes - from));

    private void CopyRaw(TensorEntry tensor, Span<byte> destination)
    {
        for (long done = 0; done < tensor.Bytes;)
        {
            ReadOnlySpan<byte> piece = Piece(tensor, done);
            piece.CopyTo(destination[(int)done..]);
            done += piece.Length;
        }
    }

    private void Convert(ReadOnlySpan<byte> bytes, TensorEntry tensor, Span<float> values)
    {
        switch (tensor.Type)
        {
            case TensorType.F32:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case TensorType.F64:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)MemoryMarshal.Read<double>(bytes[(8 * i)..]);
                }

                break;
            case TensorType.F16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)MemoryMarshal.Read<Half>(bytes[(2 * i)..]);
                }

                break;
            case TensorType.BF16:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes[(2 * i)..]) << 16);
                }

                break;
            default:
                throw WrongType(tensor, "floating-point numbers");
        }
    }

    private AthanorException WrongType(TensorEntry tensor, string wanted) =>
        new($"{_path}: tensor {tensor.Name} is of type {tensor.Type}, where {wanted} are expected", "use a file whose tensors are of that kind (quantized weights are not read)");
}
