namespace Athanor.Corpora.Documentation;

/// <summary>Names of APIs as words.</summary>
internal static class NameWords
{
    /// <summary>The words of a name in camel case, in lower case: <c>XmlReader</c> gives <c>xml</c>, <c>reader</c>; <c>IOException</c> gives <c>io</c>, <c>exception</c>.</summary>
    public static IReadOnlyList<string> Of(string name)
    {
        List<string> words = [];
        int begin = -1;
        for (int i = 0; i <= name.Length; i++)
        {
            char c = i < name.Length ? name[i] : '\0';
            bool inside = char.IsLetterOrDigit(c);
            if (begin >= 0 && (!inside || Breaks(name, i)))
            {
                words.Add(name[begin..i].ToLowerInvariant());
                begin = -1;
            }

            if (inside && begin < 0)
            {
                begin = i;
            }
        }

        return words;
    }

    // A word begins at a capital after a small letter, and at the last capital of a run that small letters follow
    private static bool Breaks(string name, int i)
        => char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
}
