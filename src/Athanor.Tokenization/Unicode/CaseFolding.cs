using System.Collections.Frozen;

namespace Athanor.Tokenization.Unicode;

/// <summary>Full case folding (Unicode 16.0, CaseFolding.txt, C and F) and lower case as Rust knows it (17.0).</summary>
internal static class CaseFolding
{
    private static readonly Lazy<FrozenDictionary<int, int[]>> Folded = new(() =>
        CharacterDatabase.Mappings("fold").ToFrozenDictionary(mapping => mapping.Code, mapping => mapping.To));

    private static readonly Lazy<Dictionary<string, List<int>>> ByFold = new(() =>
    {
        Dictionary<string, List<int>> classes = [];
        foreach ((int code, int[] to) in Folded.Value)
        {
            string key = string.Join('+', to);
            if (!classes.TryGetValue(key, out List<int>? members))
            {
                classes.Add(key, members = []);
                if (to.Length == 1)
                {
                    members.Add(to[0]);
                }
            }

            members.Add(code);
        }

        return classes;
    });

    /// <summary>What a character folds to where that is not itself: one to three characters.</summary>
    public static bool TryFold(int code, out int[] folded)
    {
        if (Folded.Value.TryGetValue(code, out int[]? found))
        {
            folded = found;
            return true;
        }

        folded = [];
        return false;
    }

    /// <summary>All characters that fold as this one does, itself among them.</summary>
    public static IReadOnlyList<int> Equivalents(int code)
    {
        string key = TryFold(code, out int[] folded) ? string.Join('+', folded) : code.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return ByFold.Value.TryGetValue(key, out List<int>? members) ? members : [code];
    }

    /// <summary>A set with all characters that fold as one of its own does.</summary>
    public static CodePointSet Close(CodePointSet set)
    {
        List<int> added = [];
        foreach (List<int> members in ByFold.Value.Values)
        {
            if (members.Exists(set.Contains))
            {
                added.AddRange(members);
            }
        }

        return set.Union(CodePointSet.Of([.. added]));
    }

    /// <summary>The characters whose folding begins with a folded character.</summary>
    public static CodePointSet BeginningWith(int code) => CodePointSet.Of([code, .. Folded.Value.Where(pair => pair.Value[0] == code).Select(pair => pair.Key)]);

    /// <summary>The characters of a set that fold to several, with what they fold to, rising.</summary>
    public static IEnumerable<int[]> Sequences(CodePointSet set) =>
        Folded.Value.Where(pair => pair.Value.Length > 1 && set.Contains(pair.Key)).OrderBy(pair => pair.Key).Select(pair => pair.Value);

    /// <summary>The lower case of a character; <paramref name="second"/> is what follows it (only U+0130 has two), or -1.</summary>
    public static int ToLower(int code, out int second)
    {
        second = -1;
        if (code < 0x80)
        {
            return code is >= 'A' and <= 'Z' ? code + 32 : code;
        }

        switch (code)
        {
            case 0x130:
                second = 0x307;
                return 'i';
            case 0xA7CE or 0xA7D2 or 0xA7D4:
                return code + 1;
            case >= 0x16EA0 and <= 0x16EB8:
                return code + 0x1B;
            default:
                return System.Text.Rune.ToLowerInvariant(new System.Text.Rune(code)).Value;
        }
    }
}
