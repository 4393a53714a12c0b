using System.Globalization;
using System.Text.RegularExpressions;
using Athanor.Core.Documents;

namespace Athanor.Corpora.Filters;

/// <summary>The filters in the order in which they are asked; cheap ones first.</summary>
internal static partial class DocumentFilters
{
    /// <summary>The filters for given thresholds.</summary>
    public static IReadOnlyList<IDocumentFilter> All(FilterSettings settings)
        => [new TooShort(settings), new NonText(settings), new Repetitive(settings), new Boilerplate(settings)];

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();

    private static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture);

    private sealed class TooShort(FilterSettings settings) : IDocumentFilter
    {
        public string Name => "too_short";

        public string Purpose => "A few words teach a model how documents begin and end, and little else.";

        public string? ReasonToDrop(Document document)
        {
            int words = 0;
            foreach (ValueMatch _ in Word().EnumerateMatches(document.Text))
            {
                if (++words >= settings.FewestWords)
                {
                    return null;
                }
            }

            return string.Create(CultureInfo.InvariantCulture, $"{words} words, fewer than {settings.FewestWords}");
        }
    }

    private sealed class NonText(FilterSettings settings) : IDocumentFilter
    {
        public string Name => "non_text";

        public string Purpose => "Tables of numbers, encoded data and broken characters are not language (Rae et al. 2021, appendix A.1).";

        public string? ReasonToDrop(Document document)
        {
            string text = document.Text;
            int letters = 0;
            int spaces = 0;
            int broken = 0;
            foreach (char c in text)
            {
                if (char.IsLetter(c))
                {
                    letters++;
                }
                else if (char.IsWhiteSpace(c))
                {
                    spaces++;
                }
                else if (c == '\uFFFD' || (char.IsControl(c)))
                {
                    broken++;
                }
            }

            int solid = Math.Max(1, text.Length - spaces);
            double share = (double)letters / solid;
            if (share < settings.LeastLetterShare)
            {
                return $"{Percent(share)} of its characters are letters, less than {Percent(settings.LeastLetterShare)}";
            }

            return broken * 100 > solid ? $"{broken} broken or control characters" : null;
        }
    }

    private sealed class Repetitive(FilterSettings settings) : IDocumentFilter
    {
        public string Name => "repetitive";

        public string Purpose => "Text that says the same lines again and again teaches a model to loop (Rae et al. 2021, table A1).";

        public string? ReasonToDrop(Document document)
        {
            HashSet<ulong> seen = [];
            int lines = 0;
            int characters = 0;
            int repeated = 0;
            foreach (ReadOnlySpan<char> line in document.Text.AsSpan().EnumerateLines())
            {
                ReadOnlySpan<char> trimmed = line.Trim();
                if (trimmed.Length == 0)
                {
                    continue;
                }

                lines++;
                characters += trimmed.Length;
                if (!seen.Add(System.IO.Hashing.XxHash3.HashToUInt64(System.Runtime.InteropServices.MemoryMarshal.AsBytes(trimmed))))
                {
                    repeated += trimmed.Length;
                }
            }

            double share = characters == 0 ? 0 : (double)repeated / characters;
            return lines >= 8 && share > settings.MostRepeatedLines ? $"{Percent(share)} of its text is repeated lines, more than {Percent(settings.MostRepeatedLines)}" : null;
        }
    }

    private sealed class Boilerplate(FilterSettings settings) : IDocumentFilter
    {
        private static readonly string[] Phrases =
        [
            "lorem ipsum", "all rights reserved", "terms of use", "privacy policy", "cookie policy", "enable javascript", "sign up for our newsletter",
            "not intended to be used directly from your code", "this api may change or be removed in future releases", "this is an internal api",
        ];

        public string Name => "boilerplate";

        public string Purpose => "Notices that stand on every page (rights, cookies, \"not for direct use\") are learnt by heart and crowd out the rest.";

        public string? ReasonToDrop(Document document)
        {
            int lines = 0;
            int hits = 0;
            string phrase = "";
            foreach (ReadOnlySpan<char> line in document.Text.AsSpan().EnumerateLines())
            {
                if (line.Trim().Length == 0 || line.StartsWith("#", StringComparison.Ordinal))
                {
                    continue;
                }

                lines++;
                foreach (string candidate in Phrases)
                {
                    if (line.Contains(candidate, StringComparison.OrdinalIgnoreCase))
                    {
                        hits++;
                        phrase = candidate;
                        break;
                    }
                }
            }

            double share = lines == 0 ? 0 : (double)hits / lines;
            return share > settings.MostBoilerplateLines ? $"{Percent(share)} of its lines are notices such as \"{phrase}\"" : null;
        }
    }
}
