using System.Runtime.CompilerServices;
using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Files;

/// <summary>Finds the tokens that a merge names and makes.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="prefix">How many bytes the continuing prefix has, which the second token loses.</param>
/// <param name="file">The file's path, for messages.</param>
/// <param name="place">Where in the file the merges are.</param>
internal sealed class MergeReader(TokenVocabulary vocabulary, int prefix, string file, string place)
{
    private byte[] _result = new byte[256];

    // The token that the merge before made
    private int _last = -1;

    /// <summary>Reads two tokens with a blank between.</summary>
    public Merge Read(ReadOnlySpan<byte> line, int rank)
    {
        int blank = line.IndexOf((byte)' ');
        if (blank < 0 || line[(blank + 1)..].Contains((byte)' '))
        {
            throw JsonPart.Broken(file, $"{place}[{rank}] is {Encoding.UTF8.GetString(line)}, not two tokens with a blank between");
        }

        return Read(line[..blank], line[(blank + 1)..], rank);
    }

    /// <summary>Finds two tokens and the one they make.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Merge Read(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int rank)
    {
        if (rank >= MergeTable.MostRules)
        {
            throw JsonPart.Broken(file, $"{place} has more than {MergeTable.MostRules} merges");
        }

        if (right.Length >= prefix && vocabulary.TryGetId(left, out int leftId) && vocabulary.TryGetId(right, out int rightId) && TryFind(left, right[prefix..], out int result))
        {
            _last = result;
            return new Merge(leftId, rightId, result);
        }

        throw JsonPart.Broken(file, $"{place}[{rank}] ({Encoding.UTF8.GetString(left)} {Encoding.UTF8.GetString(right)}) names or makes a token that is not in the vocabulary");
    }

    // Merges mostly stand in the order of the tokens they make: then looking is not needed
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryFind(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, out int result)
    {
        for (result = Math.Max(0, _last); result <= _last + 1; result++)
        {
            ReadOnlySpan<byte> token = vocabulary.BytesOf(result);
            if (token.Length == left.Length + right.Length && token.Length > 0 && token.StartsWith(left) && token.EndsWith(right))
            {
                return true;
            }
        }

        int length = left.Length + right.Length;
        if (_result.Length < length)
        {
            _result = new byte[length * 2];
        }

        left.CopyTo(_result);
        right.CopyTo(_result.AsSpan(left.Length));
        return vocabulary.TryGetId(_result.AsSpan(0, length), out result);
    }
}
