namespace Athanor.Corpora.Conversations;

/// <summary>The first sentence of a text.</summary>
internal static class FirstSentence
{
    private static readonly string[] Abbreviations = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "no."];

    /// <summary>Cuts after the first full stop that ends a sentence, or at the first line's end.</summary>
    public static string Of(string text)
    {
        int lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
        string line = lineEnd < 0 ? text : text[..lineEnd];
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] is '.' or '!' or '?' && (i + 1 == line.Length || line[i + 1] == ' ')
                && !Abbreviations.Any(a => line.AsSpan(0, i + 1).EndsWith(a, StringComparison.OrdinalIgnoreCase))
                && (i + 2 >= line.Length || !char.IsLower(line[i + 2])))
            {
                return line[..(i + 1)];
            }
        }

        return line;
    }
}
