using System.Text;

namespace Athanor.Core.Files;

/// <summary>Strings of a GGUF file in one block of bytes: a vocabulary has hundreds of thousands.</summary>
public sealed class GgufStrings
{
    private readonly byte[] _bytes;
    private readonly int[] _ends;

    internal GgufStrings(byte[] bytes, int[] ends, bool isArray)
    {
        _bytes = bytes;
        _ends = ends;
        IsArray = isArray;
    }

    /// <summary>How many there are.</summary>
    public int Count => _ends.Length;

    /// <summary>Whether the file has an array of strings here, not one string.</summary>
    internal bool IsArray { get; }

    /// <summary>The bytes of a string, as they stand in the file.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan((index == 0 ? 0 : _ends[index - 1]).._ends[index]);

    /// <summary>A string; bytes that are no UTF-8 become U+FFFD.</summary>
    public string TextOf(int index) => Encoding.UTF8.GetString(this[index]);
}
