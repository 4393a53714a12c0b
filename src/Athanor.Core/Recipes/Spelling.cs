namespace Athanor.Core.Recipes;

/// <summary>Finds what was probably meant.</summary>
public static class Spelling
{
    /// <summary>The candidate with the fewest insertions, deletions, replacements and swaps of neighbours from a word, if it is near enough to be meant; otherwise null.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (word.Length > 100)
        {
            return null;
        }

        string? nearest = candidates.MinBy(candidate => Distance(word, candidate));
        return nearest is not null && Distance(word, nearest) <= Math.Max(2, Math.Max(word.Length, nearest.Length) / 3) ? nearest : null;
    }

    /// <summary>A half-sentence for an error: the nearest candidate, or all of them where they are few.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> candidates)
        => Nearest(word, candidates) is string nearest ? $"did you mean '{nearest}'?"
            : candidates.Count is > 0 and <= 40 ? $"possible are {string.Join(", ", candidates)}"
            : "see ./athanor recipe settings";

    // optimal string alignment distance, blind to case
    internal static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                cost[i, j] = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
