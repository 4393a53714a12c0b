using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Athanor.Corpora.Deduplication;

/// <summary>Finds texts that are equal but for case, punctuation and white space, by a 128-bit hash of their letters and digits.</summary>
internal sealed class ExactDuplicates
{
    private readonly Dictionary<UInt128, string> _seen = [];

    /// <summary>Remembers a text; returns the name of an equal one seen before, or null.</summary>
    public string? Find(string id, string text)
    {
        XxHash128 hash = new();
        Span<char> block = stackalloc char[256];
        int filled = 0;
        foreach (char c in text)
        {
            if (!char.IsLetterOrDigit(c))
            {
                continue;
            }

            block[filled++] = char.ToLowerInvariant(c);
            if (filled == block.Length)
            {
                hash.Append(MemoryMarshal.AsBytes(block));
                filled = 0;
            }
        }

        hash.Append(MemoryMarshal.AsBytes(block[..filled]));
        return _seen.TryAdd(hash.GetCurrentHashAsUInt128(), id) ? null : _seen[hash.GetCurrentHashAsUInt128()];
    }
}
