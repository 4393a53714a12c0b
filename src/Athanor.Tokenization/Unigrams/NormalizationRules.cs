using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// The normalization rules SentencePiece knows by name, derived from Unicode as its builder derives them, and rules from a table. A rule replaces a string by another; the longest
/// that applies counts.
/// </summary>
public static class NormalizationRules
{
    private const int LastCodePoint = 0x10FFFF;

    // SentencePiece's rules are those of Unicode 13, the tables of normal forms here those of Unicode 9: this came between.
    private static readonly (string Source, string Replacement)[] Later =
    [
        ("\u32FF", "\u4EE4\u548C"), ("\uAB69", "\u028D"), ("\U00011935\U00011930", "\U00011938"), ("\U0001F16C", "MR"),
        .. Enumerable.Range(0, 10).Select(digit => (char.ConvertFromUtf32(0x1FBF0 + digit), digit.ToString(CultureInfo.InvariantCulture))),
    ];

    private static readonly ConcurrentDictionary<string, PrecompiledMap> Maps = new();

    private static readonly Lazy<IReadOnlyDictionary<string, string>> Compatibility = new(() => WithoutRedundant(CompatibilityRules()));
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Translation = new(() => WithoutRedundant(TranslationRules(new(Compatibility.Value, StringComparer.Ordinal))));

    /// <summary>The names: no rules; NFKC; NFKC with white space for translation; each with case folding.</summary>
    public static IReadOnlyList<string> Names { get; } = ["identity", "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf"];

    /// <summary>Rules by their name; <c>identity</c> has none.</summary>
    /// <exception cref="AthanorException">There are no rules of this name.</exception>
    public static IReadOnlyDictionary<string, string> Named(string name) => name switch
    {
        "identity" => new Dictionary<string, string>(),
        "nfkc" => Compatibility.Value,
        "nmt_nfkc" => Translation.Value,
        "nfkc_cf" => WithoutRedundant(Folded(Compatibility.Value)),
        "nmt_nfkc_cf" => WithoutRedundant(Folded(Translation.Value)),
        _ => throw new AthanorException($"normalization: there are no rules named {name}", $"use one of {string.Join(", ", Names)}, or a table of rules"),
    };

    /// <summary>The rules of a name as a map, made once; null for <c>identity</c>.</summary>
    /// <exception cref="AthanorException">There are no rules of this name.</exception>
    public static PrecompiledMap? MapOf(string name)
    {
        if (!Maps.TryGetValue(name, out PrecompiledMap? map) && Named(name) is { Count: > 0 } rules)
        {
            map = Maps.GetOrAdd(name, PrecompiledMap.Build(rules));
        }

        return map;
    }

    /// <summary>Reads a table: on each line the code points of the source, a tab, and those of its replacement (none: it is removed), in hexadecimal, a space between two; what follows a
    /// second tab is a comment.</summary>
    /// <param name="table">The lines.</param>
    /// <param name="name">What the table is, for faults.</param>
    /// <exception cref="AthanorException">A line is no rule.</exception>
    public static IReadOnlyDictionary<string, string> Read(TextReader table, string name)
    {
        ArgumentNullException.ThrowIfNull(table);
        Dictionary<string, string> rules = new(StringComparer.Ordinal);
        int number = 1;
        for (string? line = table.ReadLine(); line is not null; line = table.ReadLine(), number++)
        {
            string[] fields = line.Split('\t');
            string source = CodePoints(fields[0], name, number);
            if (source.Length == 0)
            {
                throw new AthanorException($"{name}, line {number}: it names nothing to be replaced", "write the code points of the source, a tab, and those of its replacement");
            }

            rules[source] = fields.Length > 1 ? CodePoints(fields[1], name, number) : "";
        }

        return rules;
    }

    /// <summary>Rules without those that the shorter ones make needless.</summary>
    internal static Dictionary<string, string> WithoutRedundant(IReadOnlyDictionary<string, string> rules)
    {
        Dictionary<string, string> kept = new(StringComparer.Ordinal);
        foreach (IGrouping<int, KeyValuePair<string, string>> ofLength in rules.GroupBy(rule => CodePointCount(rule.Key)).OrderBy(group => group.Key))
        {
            KeyValuePair<string, string>[] needed = [.. ofLength.Where(rule => ofLength.Key == 1 || Rewrite(kept, rule.Key, ofLength.Key - 1) != rule.Value)];
            foreach ((string source, string replacement) in needed)
            {
                kept.Add(source, replacement);
            }
        }

        return kept;
    }

    private static string CodePoints(string field, string name, int line)
    {
        StringBuilder text = new();
        foreach (string word in field.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            ReadOnlySpan<char> digits = word.StartsWith("U+", StringComparison.Ordinal) ? word.AsSpan(2) : word;
            if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || code == 0 || !Rune.IsValid(code))
            {
                throw new AthanorException($"{name}, line {line}: \"{word}\" is no code point", "write code points in hexadecimal, such as 41 or U+0041");
            }

            text.Append(new Rune(code));
        }

        return text.ToString();
    }

    /// <summary>NFKC: every character and every sequence of characters that is equivalent to one (<c>Builder::BuildNFKCMap</c>).</summary>
    private static Dictionary<string, string> CompatibilityRules()
    {
        Dictionary<string, string> rules = new(StringComparer.Ordinal);
        HashSet<string> decomposed = new(StringComparer.Ordinal);
        Dictionary<int, List<string>> equivalents = [];
        for (int code = 1; code <= LastCodePoint; code++)
        {
            if (!Normalization.Decomposes(code))
            {
                continue;
            }

            string character = char.ConvertFromUtf32(code);
            string composed = Normalize(character, compatibility: true, composed: true);
            if (composed != character)
            {
                rules[character] = composed;
            }

            string parts = Normalize(character, compatibility: true, composed: false);
            if (CodePointCount(parts) == 1)
            {
                int part = char.ConvertToUtf32(parts, 0);
                (equivalents.TryGetValue(part, out List<string>? list) ? list : equivalents[part] = [parts]).Add(character);
            }
            else
            {
                decomposed.Add(parts);
            }
        }

        foreach (string parts in decomposed)
        {
            string composed = Normalize(parts, compatibility: false, composed: true);
            if (composed == parts)
            {
                continue;
            }

            foreach (string sequence in Sequences(parts, equivalents))
            {
                if (sequence != composed)
                {
                    rules[sequence] = composed;
                }
            }
        }

        foreach ((string source, string replacement) in Later)
        {
            rules.Add(source, replacement);
        }

        return rules;
    }

    /// <summary>All strings whose characters decompose to these.</summary>
    private static IEnumerable<string> Sequences(string parts, Dictionary<int, List<string>> equivalents)
    {
        IEnumerable<string> sequences = [""];
        foreach (Rune part in parts.EnumerateRunes())
        {
            IReadOnlyList<string> choices = equivalents.TryGetValue(part.Value, out List<string>? list) ? list : [part.ToString()];
            sequences = sequences.SelectMany(start => choices, (start, next) => start + next);
        }

        return sequences;
    }

    /// <summary>White space and control characters as machine translation wants them (<c>Builder::BuildNmtNFKCMap</c>).</summary>
    private static Dictionary<string, string> TranslationRules(Dictionary<string, string> rules)
    {
        foreach (int code in (ReadOnlySpan<int>)[0x9, 0xA, 0xC, 0xD, 0x1680, 0x200B, 0x200C, 0x200E, 0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD])
        {
            rules[char.ConvertFromUtf32(code)] = " ";
        }

        for (int code = 1; code < 0x20; code++)
        {
            if (code is not (0x9 or 0xA or 0xC or 0xD))
            {
                rules[char.ConvertFromUtf32(code)] = "";
            }
        }

        foreach (int code in (ReadOnlySpan<int>)[0x7F, 0x8F, 0x9F])
        {
            rules[char.ConvertFromUtf32(code)] = "";
        }

        // The full-width tilde is no tilde in Japanese.
        rules.Remove("\uFF5E");
        return rules;
    }

    /// <summary>Rules with simple case folding of what they give, and of every character they are not about (<c>Builder::MergeUnicodeCaseFoldMap</c>).</summary>
    private static Dictionary<string, string> Folded(IReadOnlyDictionary<string, string> rules)
    {
        Dictionary<string, string> folded = new(StringComparer.Ordinal);
        foreach ((string source, string replacement) in rules)
        {
            folded[source] = string.Concat(replacement.EnumerateRunes().Select(rune => char.ConvertFromUtf32(FoldSimply(rune.Value))));
        }

        for (int code = 1; code <= LastCodePoint; code++)
        {
            if (IsCharacter(code) && FoldSimply(code) is int to && to != code)
            {
                folded.TryAdd(char.ConvertFromUtf32(code), char.ConvertFromUtf32(to));
            }
        }

        return folded;
    }

    /// <summary>What a character folds to if it may be but one (CaseFolding.txt, C and S): where full folding gives several, that is its lower case.</summary>
    private static int FoldSimply(int code) =>
        IsLater(code) || !CaseFolding.TryFold(code, out int[] full) ? code
        : full.Length == 1 ? full[0]
        : Rune.ToLowerInvariant(new Rune(code)).Value;

    /// <summary>Capital letters that came after Unicode 13.</summary>
    private static bool IsLater(int code) =>
        code is 0x1C89 or 0x2C2F or 0xA7C0 or (>= 0xA7CB and <= 0xA7DC) or (>= 0x10570 and <= 0x10595) or (>= 0x10D50 and <= 0x10D65);

    private static string Rewrite(Dictionary<string, string> rules, string text, int longest)
    {
        StringBuilder rewritten = new();
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = rules.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int at = 0; at < text.Length;)
        {
            int length = 0;
            for (int count = 0; count < longest && at + length < text.Length; count++)
            {
                length += char.IsHighSurrogate(text[at + length]) ? 2 : 1;
            }

            string? replacement = null;
            while (length > 0 && !lookup.TryGetValue(text.AsSpan(at, length), out replacement))
            {
                length -= char.IsLowSurrogate(text[at + length - 1]) ? 2 : 1;
            }

            if (replacement is null)
            {
                length = char.IsHighSurrogate(text[at]) ? 2 : 1;
                replacement = text.Substring(at, length);
            }

            rewritten.Append(replacement);
            at += length;
        }

        return rewritten.ToString();
    }

    private static string Normalize(string text, bool compatibility, bool composed)
    {
        PlainText normalized = new();
        Normalization.Normalize(text, compatibility, composed, normalized);
        normalized.Take();
        return normalized.Span.ToString();
    }

    private static int CodePointCount(string text) => text.EnumerateRunes().Count();

    /// <summary>Whether a code point is no surrogate and none of those that are no characters.</summary>
    private static bool IsCharacter(int code) => Rune.IsValid(code) && (code & 0xFFFE) != 0xFFFE && code is not (>= 0xFDD0 and <= 0xFDEF);
}
