using System.Runtime.InteropServices;
using System.Text;

namespace Athanor.Tests.Core.Files;

/// <summary>Writes the metadata of a GGUF file.</summary>
internal sealed class GgufWriter
{
    private readonly List<byte> _entries = [];
    private ulong _count;

    public GgufWriter Add(string key, string value) => Add(key, 8, () => Write(value));

    public GgufWriter Add(string key, bool value) => Add(key, 7, () => _entries.Add(value ? (byte)1 : (byte)0));

    public GgufWriter Add(string key, uint value) => Add(key, 4, () => Write(value));

    public GgufWriter Add(string key, params string[] values) => Add(key, 9, () =>
    {
        Write(8u);
        Write((ulong)values.Length);
        foreach (string value in values)
        {
            Write(value);
        }
    });

    public GgufWriter Add(string key, float[] values) => AddArray(key, 6, values);

    public GgufWriter Add(string key, int[] values) => AddArray(key, 5, values);

    public GgufWriter Add(string key, byte[] values) => AddArray(key, 0, values);

    public byte[] ToArray(uint version = 3) =>
        [.. "GGUF"u8, .. BitConverter.GetBytes(version), .. BitConverter.GetBytes(0UL), .. BitConverter.GetBytes(_count), .. _entries];

    private GgufWriter AddArray<T>(string key, uint type, T[] values)
        where T : unmanaged => Add(key, 9, () =>
    {
        Write(type);
        Write((ulong)values.Length);
        _entries.AddRange(MemoryMarshal.AsBytes(values.AsSpan()));
    });

    private GgufWriter Add(string key, uint type, Action write)
    {
        Write(key);
        Write(type);
        write();
        _count++;
        return this;
    }

    private void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write((ulong)bytes.Length);
        _entries.AddRange(bytes);
    }

    private void Write<T>(T value)
        where T : unmanaged => _entries.AddRange(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value)));
}
