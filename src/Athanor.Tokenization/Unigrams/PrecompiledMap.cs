using System.Buffers.Binary;
using System.Text;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// SentencePiece's precompiled normalization map (<c>precompiled_charsmap</c>): rules that replace a string by another, found by a double-array trie in the layout
/// of Darts-clone. The bytes are: length of the trie in bytes (32 bits, little-endian), the trie's units, the replacements, each ended by a zero.
/// </summary>
public sealed class PrecompiledMap
{
    private readonly byte[] _bytes;
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private PrecompiledMap(byte[] bytes, uint[] units, byte[] replacements)
    {
        _bytes = bytes;
        _units = units;
        _replacements = replacements;
    }

    /// <summary>The map as files hold it.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads a map. Its numbers are checked when they are used: a broken map replaces nothing or too little, it never reads outside of itself.</summary>
    /// <exception cref="AthanorException">The length of the trie contradicts the length of the map, or a replacement is no UTF-8.</exception>
    public static PrecompiledMap Read(ReadOnlySpan<byte> bytes)
    {
        const string cure = "copy or download the file again: the map in it is damaged";
        if (bytes.Length < 5)
        {
            throw new AthanorException($"precompiled_charsmap: {bytes.Length} bytes are too few for a normalization map", cure);
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length >= bytes.Length - 4 || length < 4 || length % 4 != 0)
        {
            throw new AthanorException($"precompiled_charsmap: a trie of {length} bytes cannot stand in a map of {bytes.Length} bytes", cure);
        }

        uint[] units = new uint[length / 4];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (i * 4))..]);
        }

        byte[] replacements = bytes[(4 + (int)length)..].ToArray();
        if (!System.Text.Unicode.Utf8.IsValid(replacements))
        {
            throw new AthanorException("precompiled_charsmap: the replacements are no UTF-8", cure);
        }

        return new PrecompiledMap(bytes.ToArray(), units, replacements);
    }

    /// <summary>Builds a map from rules; where two have the same source, the last counts.</summary>
    /// <param name="rules">What is replaced (not empty, without U+0000), and by what (without U+0000; empty: it is removed).</param>
    /// <exception cref="AthanorException">There are no rules, or one's source is empty, or U+0000 stands in one, or there are too many.</exception>
    public static PrecompiledMap Build(IEnumerable<KeyValuePair<string, string>> rules)
    {
        List<byte> sources = [];
        List<int> starts = [0];
        List<int> values = [];
        List<byte> replacements = [];
        Dictionary<string, int> positions = [];
        foreach ((string source, string replacement) in rules)
        {
            if (source.Length == 0 || source.Contains('\0') || replacement.Contains('\0'))
            {
                throw new AthanorException($"normalization rule {values.Count + 1}: it has no source, or holds U+0000", "correct or remove the rule");
            }

            if (!positions.TryGetValue(replacement, out int position))
            {
                position = replacements.Count;
                positions.Add(replacement, position);
                replacements.AddRange(Encoding.UTF8.GetBytes(replacement));
                replacements.Add(0);
            }

            sources.AddRange(Encoding.UTF8.GetBytes(source));
            starts.Add(sources.Count);
            values.Add(position);
        }

        if (values.Count == 0)
        {
            throw new AthanorException("there are no normalization rules", "give rules, or the rule named identity");
        }

        TrieLayout layout = TrieLayout.BuildShared(sources.ToArray(), starts.ToArray(), values.ToArray());
        uint[] units = new uint[layout.Count];
        for (int i = 0; i < units.Length; i++)
        {
            // A unit not in use carries the label of an index that is nobody's child.
            units[i] = layout.Labels[i] >= 0 ? (uint)layout.Labels[i] : (uint)((i ^ layout.UnusedBaseOf(i >> 8)) & 0xFF);
            if (layout.Labels[i] >= 0 && layout.Bases[i] >= 0)
            {
                uint offset = (uint)(i ^ layout.Bases[i]);
                if (offset >= 1u << 21)
                {
                    throw new AthanorException("there are more normalization rules than a map holds", "use fewer rules");
                }

                units[i] |= offset << 10;
            }
        }

        for (int i = 0; i < units.Length; i++)
        {
            if (layout.Values[i] >= 0)
            {
                units[i] |= 1u << 8;
                units[layout.Bases[i]] = (uint)layout.Values[i] | (1u << 31);
            }
        }

        byte[] bytes = new byte[4 + (units.Length * 4) + replacements.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(units.Length * 4));
        for (int i = 0; i < units.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (i * 4)), units[i]);
        }

        byte[] texts = [.. replacements];
        texts.CopyTo(bytes, 4 + (units.Length * 4));
        return new PrecompiledMap(bytes, units, texts);
    }

    /// <summary>The rule with the longest source that a text begins with, as SentencePiece applies it.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="length">How many bytes the source has.</param>
    /// <param name="replacement">What stands for it, UTF-8.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryMatchLongest(ReadOnlySpan<byte> text, out int length, out ReadOnlySpan<byte> replacement) => TryMatch(text, longest: true, out length, out replacement);

    /// <summary>The rule with the shortest source that a text begins with, as Hugging Face tokenizers looks up a grapheme cluster or a character.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="replacement">What stands for all of the text, UTF-8.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryMatchShortest(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement) => TryMatch(text, longest: false, out _, out replacement);

    /// <summary>All rules, in the order of their sources' bytes.</summary>
    public IEnumerable<KeyValuePair<string, string>> Rules()
    {
        // A broken trie may have cycles, and units are shared; no source of a real map is longer, and none has so many.
        const int longestSource = 64;
        List<byte> source = [];
        Stack<(uint Node, int Depth, int Label)> work = new();
        work.Push((0, 0, -1));
        long left = 64L * _units.Length;
        while (work.TryPop(out (uint Node, int Depth, int Label) node) && left-- > 0)
        {
            if (node.Label >= 0)
            {
                source.RemoveRange(node.Depth - 1, source.Count - node.Depth + 1);
                source.Add((byte)node.Label);
            }

            uint unit = _units[node.Node];
            uint children = node.Node ^ OffsetOf(unit);
            if (HasLeaf(unit) && node.Depth > 0 && children < _units.Length && TryReplacement(_units[children], out ReadOnlySpan<byte> replacement))
            {
                yield return KeyValuePair.Create(Encoding.UTF8.GetString([.. source]), Encoding.UTF8.GetString(replacement));
            }

            for (int label = 255; label > 0 && node.Depth < longestSource; label--)
            {
                uint child = children ^ (uint)label;
                if (child < _units.Length && LabelOf(_units[child]) == (uint)label)
                {
                    work.Push((child, node.Depth + 1, label));
                }
            }
        }
    }

    /// <summary>For each ASCII character whether a run of them may be copied as it is: no rule is about it alone, or about it and another ASCII character.</summary>
    internal bool[] PlainAscii()
    {
        bool[] plain = new bool[128];
        Span<byte> pair = stackalloc byte[2];
        for (int first = 0; first < plain.Length; first++)
        {
            plain[first] = true;
            for (int second = 0; second < plain.Length && plain[first]; second++)
            {
                pair[0] = (byte)first;
                pair[1] = (byte)second;
                plain[first] = !Reaches(pair);
            }
        }

        return plain;
    }

    /// <summary>Whether a rule's source begins with both bytes or is the first.</summary>
    private bool Reaches(ReadOnlySpan<byte> pair)
    {
        uint position = OffsetOf(_units[0]);
        for (int i = 0; i < pair.Length; i++)
        {
            position ^= pair[i];
            if (position >= _units.Length || LabelOf(_units[position]) != pair[i])
            {
                return false;
            }

            if (HasLeaf(_units[position]))
            {
                return true;
            }

            position ^= OffsetOf(_units[position]);
        }

        return true;
    }

    private bool TryMatch(ReadOnlySpan<byte> text, bool longest, out int length, out ReadOnlySpan<byte> replacement)
    {
        length = 0;
        replacement = default;
        uint[] units = _units;
        uint position = OffsetOf(units[0]);
        for (int i = 0; i < text.Length; i++)
        {
            position ^= text[i];
            if (position >= units.Length)
            {
                break;
            }

            uint unit = units[position];
            if (LabelOf(unit) != text[i])
            {
                break;
            }

            position ^= OffsetOf(unit);
            if (HasLeaf(unit) && position < units.Length && TryReplacement(units[position], out ReadOnlySpan<byte> found))
            {
                length = i + 1;
                replacement = found;
                if (!longest)
                {
                    return true;
                }
            }
        }

        return length > 0;
    }

    private bool TryReplacement(uint leaf, out ReadOnlySpan<byte> replacement)
    {
        uint start = leaf & 0x7FFFFFFF;

        // In a broken map a replacement may begin outside, or within a character.
        if (start >= _replacements.Length || (_replacements[start] & 0xC0) == 0x80)
        {
            replacement = default;
            return false;
        }

        ReadOnlySpan<byte> rest = _replacements.AsSpan((int)start);
        int end = rest.IndexOf((byte)0);
        replacement = end < 0 ? rest : rest[..end];
        return true;
    }

    private static uint LabelOf(uint unit) => unit & 0x800000FF;

    private static bool HasLeaf(uint unit) => (unit & 0x100) != 0;

    private static uint OffsetOf(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
