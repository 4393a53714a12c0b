using System.Buffers.Binary;
using System.Text;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// A message in the wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/): its fields in the order they stand in the file. Fields nobody asks
/// for are kept, so that writing gives back the bytes that were read.
/// </summary>
internal sealed class ProtocolMessage
{
    private readonly List<Field> _fields = [];

    /// <summary>Reads the fields of a message; its texts stay where they are in <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="name">What it is, for faults.</param>
    /// <exception cref="AthanorException">It is malformed.</exception>
    public static ProtocolMessage Read(ReadOnlyMemory<byte> bytes, string name)
    {
        ProtocolMessage message = new();
        message.Append(bytes, name);
        return message;
    }

    /// <summary>Reads further fields into the message: what Protocol Buffers calls merging.</summary>
    /// <exception cref="AthanorException">They are malformed.</exception>
    public void Append(ReadOnlyMemory<byte> bytes, string name)
    {
        for (int at = 0; at < bytes.Length;)
        {
            _fields.Add(ReadField(bytes, ref at, name));
        }
    }

    /// <summary>Reads the next field of a message and moves behind it.</summary>
    /// <exception cref="AthanorException">It is malformed.</exception>
    public static Field ReadField(ReadOnlyMemory<byte> message, ref int at, string name)
    {
        ReadOnlySpan<byte> bytes = message.Span;
        int start = at;
        ulong tag = ReadNumber(bytes, ref at, name);
        ulong number = tag >> 3;
        WireType type = (WireType)(tag & 7);
        if (number is 0 or > (1 << 29) - 1)
        {
            throw Malformed(name, start, $"{number} is no field number");
        }

        switch (type)
        {
            case WireType.Varint:
                return new Field((int)number, type, ReadNumber(bytes, ref at, name), default);
            case WireType.Bytes:
                ulong length = ReadNumber(bytes, ref at, name);
                if (length > (ulong)(bytes.Length - at))
                {
                    throw Malformed(name, start, $"field {number} says it has {length} bytes, {bytes.Length - at} are left");
                }

                at += (int)length;
                return new Field((int)number, type, 0, message.Slice(at - (int)length, (int)length));
            case WireType.Fixed32 or WireType.Fixed64:
                int size = type == WireType.Fixed32 ? 4 : 8;
                if (size > bytes.Length - at)
                {
                    throw Malformed(name, start, $"field {number} is cut off");
                }

                at += size;
                return new Field((int)number, type, size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at - 4)..]) : BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at - 8)..]), default);
            default:
                throw Malformed(name, start, $"field {number} has the unknown wire type {(int)type}");
        }
    }

    /// <summary>The last value of a field, or null where it has none of this type.</summary>
    public ulong? Number(int field) => Last(field, WireType.Varint)?.Scalar;

    /// <summary>The last value of a field, or null where it has none of this type.</summary>
    public float? Single(int field) => Last(field, WireType.Fixed32) is Field found ? BitConverter.UInt32BitsToSingle((uint)found.Scalar) : null;

    /// <summary>The last value of a field, or null where it has none of this type.</summary>
    public ReadOnlyMemory<byte>? Bytes(int field) => Last(field, WireType.Bytes)?.Bytes;

    /// <summary>The last value of a field, or null where it has none of this type.</summary>
    public string? Text(int field) => Bytes(field) is ReadOnlyMemory<byte> bytes ? Encoding.UTF8.GetString(bytes.Span) : null;

    /// <summary>All values of a field, in order.</summary>
    public IEnumerable<string> Texts(int field) =>
        _fields.Where(item => item.Number == field && item.Type == WireType.Bytes).Select(item => Encoding.UTF8.GetString(item.Bytes.Span));

    /// <summary>Sets a field to one value, or removes it.</summary>
    public void Set(int field, ulong? value) => Replace(field, value is ulong number ? [new Field(field, WireType.Varint, number, default)] : []);

    /// <summary>Sets a field to one value, or removes it.</summary>
    public void Set(int field, bool? value) => Set(field, value is bool flag ? (flag ? 1UL : 0UL) : (ulong?)null);

    /// <summary>Sets a field to one value, or removes it. Negative numbers are extended to 64 bits, as the format wants it.</summary>
    public void Set(int field, int? value) => Set(field, value is int number ? (ulong)(long)number : (ulong?)null);

    /// <summary>Sets a field to one value, or removes it.</summary>
    public void Set(int field, float? value) =>
        Replace(field, value is float number ? [new Field(field, WireType.Fixed32, BitConverter.SingleToUInt32Bits(number), default)] : []);

    /// <summary>Sets a field to one value, or removes it.</summary>
    public void Set(int field, byte[]? value) => Replace(field, value is null ? [] : [new Field(field, WireType.Bytes, 0, value)]);

    /// <summary>Sets a field to one value, or removes it.</summary>
    public void Set(int field, string? value) => Set(field, value is null ? null : Encoding.UTF8.GetBytes(value));

    /// <summary>Sets a field to several values.</summary>
    public void Set(int field, IEnumerable<string> values) => Replace(field, values.Select(value => new Field(field, WireType.Bytes, 0, Encoding.UTF8.GetBytes(value))));

    /// <summary>A copy that can be changed without changing this one.</summary>
    public ProtocolMessage Clone()
    {
        ProtocolMessage copy = new();
        copy._fields.AddRange(_fields);
        return copy;
    }

    /// <summary>The bytes of the message.</summary>
    public byte[] ToArray()
    {
        MemoryStream stream = new();
        Span<byte> scalar = stackalloc byte[8];
        foreach (Field field in _fields)
        {
            WriteNumber(stream, ((ulong)(uint)field.Number << 3) | (uint)field.Type);
            switch (field.Type)
            {
                case WireType.Varint:
                    WriteNumber(stream, field.Scalar);
                    break;
                case WireType.Bytes:
                    WriteNumber(stream, (ulong)field.Bytes.Length);
                    stream.Write(field.Bytes.Span);
                    break;
                default:
                    BinaryPrimitives.WriteUInt64LittleEndian(scalar, field.Scalar);
                    stream.Write(scalar[..(field.Type == WireType.Fixed32 ? 4 : 8)]);
                    break;
            }
        }

        return stream.ToArray();
    }

    /// <summary>Writes a field that holds bytes.</summary>
    public static void WriteBytes(Stream stream, int field, ReadOnlySpan<byte> bytes)
    {
        WriteNumber(stream, ((ulong)(uint)field << 3) | (uint)WireType.Bytes);
        WriteNumber(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteNumber(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }

    private static ulong ReadNumber(ReadOnlySpan<byte> bytes, ref int at, string name)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at == bytes.Length)
            {
                throw Malformed(name, at, "a number is cut off");
            }

            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed(name, at, "a number has more than ten bytes");
    }

    private static AthanorException Malformed(string name, int at, string fault) =>
        new($"{name}, byte {at}: {fault}", "copy or download the file again: it is damaged, or no SentencePiece model");

    private Field? Last(int number, WireType type)
    {
        for (int i = _fields.Count - 1; i >= 0; i--)
        {
            if (_fields[i].Number == number && _fields[i].Type == type)
            {
                return _fields[i];
            }
        }

        return null;
    }

    /// <summary>Puts fields in the place of those of the same number, or where the order of numbers wants them.</summary>
    private void Replace(int number, IEnumerable<Field> fields)
    {
        int place = _fields.FindIndex(field => field.Number == number);
        _fields.RemoveAll(field => field.Number == number);
        if (place < 0)
        {
            place = _fields.FindIndex(field => field.Number > number);
        }

        _fields.InsertRange(place < 0 ? _fields.Count : place, fields);
    }

    /// <summary>A field.</summary>
    /// <param name="Number">Its number in the message's definition.</param>
    /// <param name="Type">How it is written.</param>
    /// <param name="Scalar">Its value, of a float the bits.</param>
    /// <param name="Bytes">Its value where that is a text, bytes or a message.</param>
    public readonly record struct Field(int Number, WireType Type, ulong Scalar, ReadOnlyMemory<byte> Bytes);

    /// <summary>How a field is written.</summary>
    public enum WireType
    {
        /// <summary>A number, seven bits a byte.</summary>
        Varint = 0,

        /// <summary>Eight bytes.</summary>
        Fixed64 = 1,

        /// <summary>A length and as many bytes.</summary>
        Bytes = 2,

        /// <summary>Four bytes.</summary>
        Fixed32 = 5,
    }
}
