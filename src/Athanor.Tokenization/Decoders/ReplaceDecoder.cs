using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Decoders;

/// <summary>Replaces every match of a pattern in every token.</summary>
/// <param name="Pattern">What to find.</param>
/// <param name="Content">What to put in its place.</param>
internal sealed record ReplaceDecoder(TextPattern Pattern, string Content) : IDecoder
{
    /// <summary>Replaces a part everywhere. An empty part stands before every character and at the end, as in Rust.</summary>
    public static string ReplaceAll(string text, string part, string content) =>
        part.Length > 0 ? text.Replace(part, content, StringComparison.Ordinal) : Replace(text, TextPattern.OfString(""), content);

    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        for (int at = 0; at < tokens.Count; at++)
        {
            tokens[at] = Replace(tokens[at], Pattern, Content);
        }
    }

    private static string Replace(string text, TextPattern pattern, string content)
    {
        if (text.Length == 0)
        {
            return text;
        }

        List<TextMatch> matches = [];
        pattern.FindMatches(text, matches);
        if (matches.Count == 0)
        {
            return text;
        }

        StringBuilder replaced = new(text.Length);
        int end = 0;
        foreach (TextMatch match in matches)
        {
            replaced.Append(text, end, match.Start - end).Append(content);
            end = match.End;
        }

        return replaced.Append(text, end, text.Length - end).ToString();
    }
}
