using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Athanor.Core.Files;

/// <summary>The header of a safetensors file, checked.</summary>
/// <param name="Tensors">The tensors by name.</param>
/// <param name="Metadata">Free-form texts.</param>
internal sealed record SafetensorsHeader(IReadOnlyDictionary<string, TensorEntry> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    // The format's own limit.
    private const int MaximumLength = 100_000_000;
    private const int MaximumDimensions = 16;
    private const string MetadataKey = "__metadata__";

    private static readonly (TensorType Type, string Name, int Size)[] Types =
    [
        (TensorType.Bool, "BOOL", 1), (TensorType.U8, "U8", 1), (TensorType.I8, "I8", 1), (TensorType.I16, "I16", 2), (TensorType.I32, "I32", 4),
        (TensorType.I64, "I64", 8), (TensorType.F16, "F16", 2), (TensorType.BF16, "BF16", 2), (TensorType.F32, "F32", 4), (TensorType.F64, "F64", 8),
    ];

    /// <summary>Bytes an element takes.</summary>
    public static int SizeOf(TensorType type) => Types[(int)type].Size;

    /// <summary>Bytes a tensor takes.</summary>
    /// <exception cref="OverflowException">More than a number holds.</exception>
    public static long BytesOf(TensorType type, IReadOnlyList<long> shape)
    {
        long bytes = SizeOf(type);
        foreach (long size in shape)
        {
            bytes = checked(bytes * size);
        }

        return bytes;
    }

    /// <summary>Reads and checks the header of a file.</summary>
    /// <exception cref="InvalidDataException">It is truncated or malformed.</exception>
    public static SafetensorsHeader Read(FileStream stream)
    {
        long fileLength = stream.Length;
        Span<byte> lengthBytes = stackalloc byte[8];
        if (fileLength < 8)
        {
            throw new InvalidDataException($"it has {fileLength} bytes, fewer than its header's length takes");
        }

        stream.ReadExactly(lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > MaximumLength || (long)length > fileLength - 8)
        {
            throw new InvalidDataException($"its header claims {length:N0} bytes, but the file has {fileLength:N0} and the format allows {MaximumLength:N0}");
        }

        byte[] json = new byte[length];
        stream.ReadExactly(json);
        try
        {
            return Parse(json, 8 + (long)length, fileLength);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"its header is malformed ({exception.Message})", exception);
        }
    }

    /// <summary>The header's bytes, padded with spaces so that the tensors begin at a multiple of 8.</summary>
    public static byte[] Format(IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in metadata)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            long offset = 0;
            foreach (TensorToWrite tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", Types[(int)tensor.Type].Name);
                writer.WriteStartArray("shape");
                foreach (long size in tensor.Shape)
                {
                    writer.WriteNumberValue(size);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += BytesOf(tensor.Type, tensor.Shape));
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        byte[] header = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        buffer.WrittenSpan.CopyTo(header);
        header.AsSpan(buffer.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static SafetensorsHeader Parse(byte[] json, long dataStart, long fileLength)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
        Dictionary<string, TensorEntry> tensors = [];
        Dictionary<string, string> metadata = [];
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (property.Name == MetadataKey)
            {
                foreach (JsonProperty text in property.Value.EnumerateObject())
                {
                    metadata[text.Name] = text.Value.GetString() ?? throw new JsonException("the metadata has a value that is no text");
                }
            }
            else if (!tensors.TryAdd(property.Name, ParseTensor(property.Name, property.Value, dataStart)))
            {
                throw new JsonException($"tensor {property.Name} occurs twice");
            }
        }

        long end = dataStart;
        foreach (TensorEntry tensor in tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Bytes))
        {
            if (tensor.Offset != end)
            {
                throw new JsonException($"tensor {tensor.Name} overlaps another or leaves a gap");
            }

            end = checked(end + tensor.Bytes);
        }

        return end == fileLength
            ? new SafetensorsHeader(tensors, metadata)
            : throw new InvalidDataException($"its tensors end at byte {end:N0}, but it has {fileLength:N0} bytes");
    }

    private static TensorEntry ParseTensor(string name, JsonElement tensor, long dataStart)
    {
        string typeName = tensor.GetProperty("dtype").GetString() ?? "";
        int type = Array.FindIndex(Types, known => known.Name == typeName);
        if (type < 0)
        {
            throw new JsonException($"tensor {name} is of type {typeName}, which is not read");
        }

        JsonElement shapeElement = tensor.GetProperty("shape");
        if (shapeElement.GetArrayLength() > MaximumDimensions)
        {
            throw new JsonException($"tensor {name} has more than {MaximumDimensions} dimensions");
        }

        long[] shape = [.. shapeElement.EnumerateArray().Select(size => size.GetInt64())];
        JsonElement offsets = tensor.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2 || shape.Any(size => size < 0))
        {
            throw new JsonException($"tensor {name} has a negative size or no two offsets");
        }

        long begin = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        if (begin < 0 || end < begin || end - begin != BytesOf((TensorType)type, shape))
        {
            throw new JsonException($"tensor {name} does not fill its place: shape and type take {BytesOf((TensorType)type, shape):N0} bytes, the offsets give {end - begin:N0}");
        }

        return new TensorEntry(name, (TensorType)type, shape, checked(dataStart + begin), end - begin);
    }
}
