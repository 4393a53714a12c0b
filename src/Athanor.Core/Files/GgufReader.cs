using System.Runtime.InteropServices;
using System.Text;

namespace Athanor.Core.Files;

/// <summary>Reads the parts of a GGUF file in order, never taking more memory than the file has bytes left for.</summary>
internal sealed class GgufReader
{
    private const int PieceBytes = 1 << 20;
    private const int LongestKey = 1 << 16;

    private readonly Stream _stream;
    private long _left;

    public GgufReader(Stream stream)
    {
        _stream = stream;
        _left = stream.Length - stream.Position;
    }

    private enum Kind
    {
        UInt8, Int8, UInt16, Int16, UInt32, Int32, Float32, Bool, String, Array, UInt64, Int64, Float64,
    }

    public void ReadMagic()
    {
        Span<byte> magic = stackalloc byte[4];
        Read(magic);
        if (!magic.SequenceEqual("GGUF"u8))
        {
            throw new InvalidDataException("it does not begin with \"GGUF\"");
        }
    }

    public int ReadVersion()
    {
        uint version = Read<uint>();
        return version is 2 or 3 ? (int)version
            : (version & 0xFFFF) == 0 ? throw new InvalidDataException("it is written in big-endian byte order, which is not read")
            : throw new InvalidDataException($"it is of version {version}, and only 2 and 3 are read");
    }

    public ulong ReadUInt64() => Read<ulong>();

    /// <summary>Refuses a count that the rest of the file cannot hold.</summary>
    public void Expect(ulong count, int bytesEach, string what)
    {
        if (count > (ulong)_left / (ulong)bytesEach)
        {
            throw new InvalidDataException($"it claims {count:N0} {what}, more than the {_left:N0} bytes left in it hold");
        }
    }

    public string ReadText()
    {
        byte[] bytes = new byte[Length(LongestKey)];
        Read(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    public object ReadValue(string key)
    {
        Kind kind = (Kind)Read<int>();
        return kind switch
        {
            Kind.UInt8 => Read<byte>(),
            Kind.Int8 => Read<sbyte>(),
            Kind.UInt16 => Read<ushort>(),
            Kind.Int16 => Read<short>(),
            Kind.UInt32 => Read<uint>(),
            Kind.Int32 => Read<int>(),
            Kind.Float32 => Read<float>(),
            Kind.Bool => Read<byte>() != 0,
            Kind.String => ReadStrings(1, isArray: false),
            Kind.Array => ReadArray(key),
            Kind.UInt64 => Read<ulong>(),
            Kind.Int64 => Read<long>(),
            Kind.Float64 => Read<double>(),
            _ => throw new InvalidDataException($"key {key} is of type {(int)kind}, which the format does not have"),
        };
    }

    private object ReadArray(string key)
    {
        Kind kind = (Kind)Read<int>();
        ulong count = Read<ulong>();
        return kind switch
        {
            Kind.UInt8 => ReadNumbers<byte>(count),
            Kind.Int8 => ReadNumbers<sbyte>(count),
            Kind.UInt16 => ReadNumbers<ushort>(count),
            Kind.Int16 => ReadNumbers<short>(count),
            Kind.UInt32 => ReadNumbers<uint>(count),
            Kind.Int32 => ReadNumbers<int>(count),
            Kind.Float32 => ReadNumbers<float>(count),
            Kind.Bool => System.Array.ConvertAll(ReadNumbers<byte>(count), value => value != 0),
            Kind.String => ReadStrings(count, isArray: true),
            Kind.UInt64 => ReadNumbers<ulong>(count),
            Kind.Int64 => ReadNumbers<long>(count),
            Kind.Float64 => ReadNumbers<double>(count),
            _ => throw new InvalidDataException($"key {key} is an array of type {(int)kind}, which is not read"),
        };
    }

    private T[] ReadNumbers<T>(ulong count)
        where T : unmanaged
    {
        Expect(count, Marshal.SizeOf<T>(), "numbers");
        if (count > (ulong)Array.MaxLength)
        {
            throw new InvalidDataException($"it has an array of {count:N0} numbers");
        }

        T[] numbers = new T[count];
        Read(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }

    // The block grows with what has been read: the lengths are checked one by one
    private GgufStrings ReadStrings(ulong count, bool isArray)
    {
        Expect(count, 8, "strings");
        if (count > (ulong)Array.MaxLength)
        {
            throw new InvalidDataException($"it has an array of {count:N0} strings");
        }

        int[] ends = new int[count];
        byte[] bytes = new byte[Math.Min(_left, PieceBytes)];
        int end = 0;
        for (int at = 0; at < ends.Length; at++)
        {
            int length = Length(Array.MaxLength - end);
            if (end + length > bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(Array.MaxLength, Math.Max((long)end + length, 2L * bytes.Length)));
            }

            Read(bytes.AsSpan(end, length));
            end += length;
            ends[at] = end;
        }

        Array.Resize(ref bytes, end);
        return new GgufStrings(bytes, ends, isArray);
    }

    private int Length(int limit)
    {
        ulong length = Read<ulong>();
        return length > (ulong)_left ? throw new InvalidDataException($"a string claims {length:N0} bytes where {_left:N0} are left")
            : length > (ulong)limit ? throw new InvalidDataException($"a string has {length:N0} bytes, more than are read")
            : (int)length;
    }

    private T Read<T>()
        where T : unmanaged
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes = bytes[..Marshal.SizeOf<T>()];
        Read(bytes);
        if (!BitConverter.IsLittleEndian)
        {
            bytes.Reverse();
        }

        return MemoryMarshal.Read<T>(bytes);
    }

    private void Read(Span<byte> bytes)
    {
        if (bytes.Length > _left)
        {
            throw new InvalidDataException("it ends in the middle of its metadata");
        }

        _stream.ReadExactly(bytes);
        _left -= bytes.Length;
    }
}
