using System.IO.Hashing;
using System.Runtime.InteropServices;
using Athanor.Core.Artifacts;

namespace Athanor.Corpora;

/// <summary>
/// Decides which split something belongs to by a hash of its name, so that the answer depends on nothing else: not on the seed, the order or the rest of the
/// corpus. Of 50 shares 44 train, 3 validate, 3 test.
/// </summary>
internal static class CorpusSplit
{
    /// <summary>The splits in the order in which they are written.</summary>
    public static IReadOnlyList<string> All { get; } = [CorpusLayout.Train, CorpusLayout.Validation, CorpusLayout.Test];

    /// <summary>The splits that nothing is learnt from.</summary>
    public static IReadOnlyList<string> HeldOut { get; } = [CorpusLayout.Validation, CorpusLayout.Test];

    /// <summary>The split of a name.</summary>
    public static string Of(string name) => (Hash(name) % 50) switch
    {
        < 44 => CorpusLayout.Train,
        < 47 => CorpusLayout.Validation,
        _ => CorpusLayout.Test,
    };

    /// <summary>A hash of a text that is the same on every machine.</summary>
    public static ulong Hash(string text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));
}
