namespace Athanor.Tokenization.Unicode;

/// <summary>A set of code points (without surrogates' halves being anything special). Immutable.</summary>
internal sealed class CodePointSet
{
    /// <summary>One more than the last code point.</summary>
    public const int Limit = 0x110000;

    // Where membership changes, rising: [start of a range, end of it (not in it), start of the next …]
    private readonly int[] _bounds;
    private ulong[]? _plane;

    private CodePointSet(int[] bounds) => _bounds = bounds;

    /// <summary>No code point.</summary>
    public static CodePointSet Empty { get; } = new([]);

    /// <summary>Every code point.</summary>
    public static CodePointSet All { get; } = new([0, Limit]);

    /// <summary>Whether no code point is in it.</summary>
    public bool IsEmpty => _bounds.Length == 0;

    /// <summary>The ranges, rising; both ends are in.</summary>
    public IEnumerable<(int First, int Last)> Ranges
    {
        get
        {
            for (int at = 0; at < _bounds.Length; at += 2)
            {
                yield return (_bounds[at], _bounds[at + 1] - 1);
            }
        }
    }

    /// <summary>The code points from <paramref name="first"/> to <paramref name="last"/>, both in.</summary>
    public static CodePointSet Of(int first, int last) => new([first, last + 1]);

    /// <summary>These code points.</summary>
    public static CodePointSet Of(ReadOnlySpan<int> codePoints)
    {
        int[] sorted = codePoints.ToArray();
        Array.Sort(sorted);
        return OfRanges(sorted.Select(code => (code, code)));
    }

    /// <summary>All of these ranges (both ends in), which rise by their first code points and may overlap.</summary>
    public static CodePointSet OfRanges(IEnumerable<(int First, int Last)> ranges)
    {
        List<int> bounds = [];
        foreach ((int first, int last) in ranges)
        {
            if (bounds.Count > 0 && first <= bounds[^1])
            {
                bounds[^1] = Math.Max(bounds[^1], last + 1);
            }
            else
            {
                bounds.Add(first);
                bounds.Add(last + 1);
            }
        }

        return new CodePointSet([.. bounds]);
    }

    /// <summary>Whether a code point is in it.</summary>
    public bool Contains(int code)
    {
        if (code >= 0x10000)
        {
            return Search(code);
        }

        ulong[] plane = _plane ?? BuildPlane();
        return (plane[code >> 6] & (1UL << (code & 63))) != 0;
    }

    /// <summary>What is in either.</summary>
    public CodePointSet Union(CodePointSet other) => Merge(other, (here, there) => here || there);

    /// <summary>What is in both.</summary>
    public CodePointSet Intersect(CodePointSet other) => Merge(other, (here, there) => here && there);

    /// <summary>What is in this one only.</summary>
    public CodePointSet Except(CodePointSet other) => Merge(other, (here, there) => here && !there);

    /// <summary>What is not in it.</summary>
    public CodePointSet Complement() => All.Except(this);

    private CodePointSet Merge(CodePointSet other, Func<bool, bool, bool> keep)
    {
        List<int> bounds = [];
        int here = 0, there = 0;
        bool inside = false;
        while (here < _bounds.Length || there < other._bounds.Length)
        {
            int code = Math.Min(here < _bounds.Length ? _bounds[here] : int.MaxValue, there < other._bounds.Length ? other._bounds[there] : int.MaxValue);
            here += here < _bounds.Length && _bounds[here] == code ? 1 : 0;
            there += there < other._bounds.Length && other._bounds[there] == code ? 1 : 0;
            if (keep((here & 1) != 0, (there & 1) != 0) != inside)
            {
                inside = !inside;
                bounds.Add(code);
            }
        }

        return new CodePointSet([.. bounds]);
    }

    private bool Search(int code)
    {
        int at = Array.BinarySearch(_bounds, code);
        return ((at >= 0 ? at + 1 : ~at) & 1) != 0;
    }

    // Threads that come at once build the same bits; whose stay does not matter
    private ulong[] BuildPlane()
    {
        ulong[] plane = new ulong[0x10000 / 64];
        for (int at = 0; at < _bounds.Length && _bounds[at] < 0x10000; at += 2)
        {
            int last = Math.Min(_bounds[at + 1], 0x10000) - 1;
            int firstWord = _bounds[at] >> 6, lastWord = last >> 6;
            ulong from = ulong.MaxValue << (_bounds[at] & 63), to = ulong.MaxValue >> (63 - (last & 63));
            if (firstWord == lastWord)
            {
                plane[firstWord] |= from & to;
                continue;
            }

            plane[firstWord] |= from;
            plane.AsSpan(firstWord + 1, lastWord - firstWord - 1).Fill(ulong.MaxValue);
            plane[lastWord] |= to;
        }

        return _plane = plane;
    }
}
