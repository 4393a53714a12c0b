using System.Text.RegularExpressions;

namespace Athanor.Evaluation.Metrics;

/// <summary>How many words a text shares with others: what anyone can tell without a model.</summary>
internal static partial class WordOverlap
{
    /// <summary>The share of a text's distinct words that stand in the sources too, names split where they change case (<c>ReadLine</c> is <c>read</c> and <c>line</c>).</summary>
    public static double Share(string text, IEnumerable<string> sources)
    {
        HashSet<string> known = [.. sources.SelectMany(Words)];
        HashSet<string> words = [.. Words(text)];
        return words.Count == 0 ? 0 : (double)words.Count(known.Contains) / words.Count;
    }

    private static IEnumerable<string> Words(string text) => Word().Matches(text).Select(match => Stem(match.Value.ToLowerInvariant()));

    // enough for plurals and third persons: gets, values
    private static string Stem(string word) => word.Length > 3 && word.EndsWith('s') ? word[..^1] : word;

    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
