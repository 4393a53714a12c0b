using System.Text;
using System.Text.RegularExpressions;

namespace Athanor.Evaluation.Metrics;

/// <summary>
/// Exact match and token F1 as SQuAD defines them (Rajpurkar et al. 2016, "SQuAD: 100,000+ questions for machine comprehension of text", section 6.1,
/// and its evaluation script).
/// </summary>
public static partial class Squad
{
    /// <summary>Lower case, without ASCII punctuation, without the articles <c>a</c>, <c>an</c>, <c>the</c>, words separated by one space.</summary>
    public static string Normalize(string text)
    {
        StringBuilder kept = new(text.Length);
        foreach (char character in text)
        {
            // char.IsPunctuation counts $, +, <, =, >, ^, ` , | and ~ as symbols; the script drops them too
            if (!char.IsAscii(character) || char.IsAsciiLetterOrDigit(character) || character <= ' ' || character == 127)
            {
                kept.Append(char.ToLowerInvariant(character));
            }
        }

        return string.Join(' ', Words(Articles().Replace(kept.ToString(), " ")));
    }

    /// <summary>1 where the normalised answer equals one of the normalised references, else 0.</summary>
    public static double ExactMatch(string answer, IReadOnlyList<string> references)
    {
        string normal = Normalize(answer);
        return references.Any(reference => Normalize(reference) == normal) ? 1 : 0;
    }

    /// <summary>
    /// The harmonic mean of precision and recall over the words of answer and reference as bags, of the best reference. Where either side has no words
    /// it is 1 if both have none, else 0.
    /// </summary>
    public static double F1(string answer, IReadOnlyList<string> references)
    {
        string[] words = Words(Normalize(answer));
        return references.Count == 0 ? 0 : references.Max(reference => F1(words, Words(Normalize(reference))));
    }

    private static double F1(string[] answer, string[] reference)
    {
        if (answer.Length == 0 || reference.Length == 0)
        {
            return answer.Length == reference.Length ? 1 : 0;
        }

        Dictionary<string, int> left = reference.CountBy(word => word).ToDictionary();
        int common = 0;
        foreach (string word in answer)
        {
            if (left.GetValueOrDefault(word) > 0)
            {
                left[word]--;
                common++;
            }
        }

        return 2.0 * common / (answer.Length + reference.Length);
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Articles();
}
