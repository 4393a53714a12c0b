using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Athanor.Core.Errors;

namespace Athanor.Core.Files;

/// <summary>
/// The metadata of a GGUF file (https://github.com/ggml-org/ggml, docs/gguf.md): keys with values, in front of the tensors. Every size is checked against
/// what is left of the file before memory is taken. Values are <see cref="byte"/> to <see cref="ulong"/>, <see cref="float"/>, <see cref="double"/>,
/// <see cref="bool"/>, <see cref="GgufStrings"/> of one string, arrays of numbers, and <see cref="GgufStrings"/> for arrays of strings.
/// </summary>
public sealed class GgufMetadata
{
    private readonly Dictionary<string, object> _values;

    private GgufMetadata(string name, int version, long tensorCount, Dictionary<string, object> values)
    {
        Name = name;
        Version = version;
        TensorCount = tensorCount;
        _values = values;
    }

    /// <summary>What messages call the file.</summary>
    public string Name { get; }

    /// <summary>The version of the format, 2 or 3.</summary>
    public int Version { get; }

    /// <summary>How many tensors the file says it has.</summary>
    public long TensorCount { get; }

    /// <summary>The keys in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>Reads the metadata of a file; the tensors are not touched.</summary>
    /// <exception cref="AthanorException">The file is missing, truncated, malformed, or of a version that is not read.</exception>
    public static GgufMetadata Open(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return Read(stream, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw exception is FileNotFoundException or DirectoryNotFoundException
                ? new AthanorException($"{path} does not exist", "name a GGUF file", exception)
                : new AthanorException($"{path} cannot be read: {exception.Message}", "check that the file may be read", exception);
        }
    }

    /// <summary>Reads the metadata at the front of a stream whose length is known.</summary>
    /// <param name="stream">The stream, at the beginning of the format.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="AthanorException">The stream is truncated, malformed, or of a version that is not read.</exception>
    public static GgufMetadata Read(Stream stream, string name)
    {
        GgufReader reader = new(stream);
        try
        {
            reader.ReadMagic();
            int version = reader.ReadVersion();
            ulong tensors = reader.ReadUInt64();
            ulong count = reader.ReadUInt64();

            // The shortest key: a length, no letters, a type, one byte of value; the shortest tensor: a length, dimensions, a type, an offset
            reader.Expect(count, 13, "keys");
            reader.Expect(tensors, 24, "tensors");
            Dictionary<string, object> values = [];
            for (ulong at = 0; at < count; at++)
            {
                string key = reader.ReadText();
                object value = reader.ReadValue(key);
                if (!values.TryAdd(key, value))
                {
                    throw new InvalidDataException($"key {key} occurs twice");
                }
            }

            return new GgufMetadata(name, version, (long)tensors, values);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new AthanorException($"{name} cannot be read as GGUF: {exception.Message}", "copy or download the file again; it is truncated, damaged or of another format", exception);
        }
    }

    /// <summary>Whether a key is there.</summary>
    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>The text of a key; null where it is not there. Bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="AthanorException">It holds something else.</exception>
    public string? Text(string key) =>
        !_values.TryGetValue(key, out object? value) ? null
        : value is GgufStrings { IsArray: false } text ? text.TextOf(0)
        : throw Wrong(key, value, "a string");

    /// <summary>The truth value of a key; null where it is not there.</summary>
    /// <exception cref="AthanorException">It holds something else.</exception>
    public bool? Flag(string key) =>
        !_values.TryGetValue(key, out object? value) ? null
        : value is bool flag ? flag
        : throw Wrong(key, value, "a Boolean");

    /// <summary>The whole number of a key; null where it is not there.</summary>
    /// <exception cref="AthanorException">It holds something else, or a number beyond 63 bits.</exception>
    public long? Integer(string key) =>
        !_values.TryGetValue(key, out object? value) ? null
        : value is byte or sbyte or ushort or short or uint or int or long or ulong and <= long.MaxValue ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
        : throw Wrong(key, value, "a whole number");

    /// <summary>The strings of a key; null where it is not there.</summary>
    /// <exception cref="AthanorException">It holds something else.</exception>
    public GgufStrings? Strings(string key) =>
        !_values.TryGetValue(key, out object? value) ? null
        : value is GgufStrings { IsArray: true } strings ? strings
        : throw Wrong(key, value, "an array of strings");

    /// <summary>The array of a key; null where it is not there.</summary>
    /// <typeparam name="T">The numbers' type; it must be the file's.</typeparam>
    /// <exception cref="AthanorException">It holds something else.</exception>
    public T[]? Array<T>(string key)
        where T : unmanaged =>
        !_values.TryGetValue(key, out object? value) ? null
        : value.GetType() == typeof(T[]) ? (T[])value
        : throw Wrong(key, value, $"an array of {typeof(T).Name}");

    /// <summary>Finds the value of a key.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    private AthanorException Wrong(string key, object value, string wanted)
    {
        string found = value is GgufStrings strings ? strings.IsArray ? "an array of strings" : "a string" : value.GetType().Name;
        return new AthanorException($"{Name}: {key} holds {found}, where {wanted} is expected", "convert the model again with a current converter");
    }
}
