using System.Diagnostics;
using System.Text;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Comparison;

/// <summary>How well a tokenizer does on texts: how many bytes a token stands for and how many tokens a word takes, by source and by script; which tokens the texts never need; how long it takes.</summary>
public sealed record TokenizerComparison
{
    /// <summary>A token that occurs fewer times than this is rare.</summary>
    public const int RareUses = 5;

    private const int TokensShown = 60;
    private const int CharactersLookedAt = 4_000;

    private static readonly string[] Scripts =
    [
        "Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Tibetan", "Myanmar",
        "Georgian", "Ethiopic", "Khmer", "Hangul", "Hiragana", "Katakana", "Han",
    ];

    private static readonly Lazy<CodePointSet[]> ScriptSets = new(() => [.. Scripts.Select(name => CharacterProperties.TryGet(name, out CodePointSet set) ? set : CodePointSet.Empty)]);

    /// <summary>What people call the tokenizer.</summary>
    public required string Name { get; init; }

    /// <summary>How many ids it has.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>By where the text came from.</summary>
    public required IReadOnlyList<TextCoverage> Sources { get; init; }

    /// <summary>By the script that most letters of a document belong to; a text in kana and Han counts as Japanese.</summary>
    public required IReadOnlyList<TextCoverage> ByScript { get; init; }

    /// <summary>Ids that occur.</summary>
    public required int UsedTokens { get; init; }

    /// <summary>Ids, special ones aside, that no text needs.</summary>
    public required int UnusedTokens { get; init; }

    /// <summary>Ids that occur, but fewer than <see cref="RareUses"/> times.</summary>
    public required int RareTokens { get; init; }

    /// <summary>Some of the ids that no text needs, as text.</summary>
    public required IReadOnlyList<string> UnusedExamples { get; init; }

    /// <summary>Time to encode all texts on one core, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>All texts together.</summary>
    public TextCoverage Whole => new("all", Sources.Sum(one => one.Documents), Sources.Sum(one => one.Bytes), Sources.Sum(one => one.Words), Sources.Sum(one => one.Tokens), UsedTokens);

    /// <summary>Encodes texts and counts.</summary>
    /// <param name="name">What people call the tokenizer.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="texts">Documents, each with the name of its source.</param>
    /// <param name="cancellation">Stops between documents.</param>
    public static TokenizerComparison Of(string name, Tokenizer tokenizer, IEnumerable<(string Source, string Text)> texts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(texts);
        long[] uses = new long[tokenizer.VocabularySize];
        Groups sources = new(tokenizer.VocabularySize);
        Groups scripts = new(tokenizer.VocabularySize);
        List<int> ids = [];
        long ticks = 0;
        foreach ((string source, string text) in texts)
        {
            cancellation.ThrowIfCancellationRequested();
            ids.Clear();
            long start = Stopwatch.GetTimestamp();
            tokenizer.Encode(text, ids);
            ticks += Stopwatch.GetTimestamp() - start;
            foreach (int id in ids)
            {
                uses[id]++;
            }

            long bytes = Encoding.UTF8.GetByteCount(text);
            long words = CountWords(text);
            sources.Add(source, bytes, words, ids);
            scripts.Add(ScriptOf(text), bytes, words, ids);
        }

        int[] unused = [.. Enumerable.Range(0, uses.Length).Where(id => uses[id] == 0 && !tokenizer.IsSpecial(id))];
        return new TokenizerComparison
        {
            Name = name,
            VocabularySize = tokenizer.VocabularySize,
            Sources = sources.Coverage(),
            ByScript = scripts.Coverage(),
            UsedTokens = uses.Count(count => count > 0),
            UnusedTokens = unused.Length,
            RareTokens = uses.Count(count => count is > 0 and < RareUses),
            UnusedExamples = [.. unused.Where((_, index) => index % Math.Max(1, unused.Length / TokensShown) == 0).Take(TokensShown).Select(id => tokenizer.Decode([id]))],
            Seconds = (double)ticks / Stopwatch.Frequency,
        };
    }

    /// <summary>Words: what stands between white space; where a script writes none, each ideograph or kana.</summary>
    internal static long CountWords(string text)
    {
        CodePointSet[] sets = ScriptSets.Value;
        long words = 0;
        bool within = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool alone = rune.Value >= 0x2E80 && (sets[^1].Contains(rune.Value) || sets[^2].Contains(rune.Value) || sets[^3].Contains(rune.Value));
            bool space = Rune.IsWhiteSpace(rune);
            words += alone || (!space && !within) ? 1 : 0;
            within = !space && !alone;
        }

        return words;
    }

    /// <summary>The script of most letters; <c>none</c> where there are no letters of a known one.</summary>
    internal static string ScriptOf(string text)
    {
        CodePointSet[] sets = ScriptSets.Value;
        int[] letters = new int[sets.Length];
        int seen = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (seen++ == CharactersLookedAt)
            {
                break;
            }

            if (Rune.IsLetter(rune))
            {
                int script = rune.Value < 0x250 ? 0 : Array.FindIndex(sets, set => set.Contains(rune.Value));
                if (script >= 0)
                {
                    letters[script]++;
                }
            }
        }

        int most = Array.IndexOf(letters, letters.Max());
        int kana = letters[^2] + letters[^3];
        return letters[most] == 0 ? "none" : Scripts[most] is "Han" or "Hiragana" or "Katakana" && kana > 0 ? "Japanese" : Scripts[most];
    }

    private sealed class Groups(int vocabularySize)
    {
        private readonly Dictionary<string, Group> _groups = [];

        public void Add(string name, long bytes, long words, List<int> ids)
        {
            if (!_groups.TryGetValue(name, out Group? group))
            {
                group = new Group(new bool[vocabularySize]);
                _groups.Add(name, group);
            }

            group.Documents++;
            group.Bytes += bytes;
            group.Words += words;
            group.Tokens += ids.Count;
            foreach (int id in ids)
            {
                group.Used[id] = true;
            }
        }

        public IReadOnlyList<TextCoverage> Coverage() =>
            [.. _groups.OrderByDescending(pair => pair.Value.Bytes).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new TextCoverage(pair.Key, pair.Value.Documents, pair.Value.Bytes, pair.Value.Words, pair.Value.Tokens, pair.Value.Used.Count(used => used)))];

        private sealed class Group(bool[] used)
        {
            public bool[] Used { get; } = used;

            public long Documents { get; set; }

            public long Bytes { get; set; }

            public long Words { get; set; }

            public long Tokens { get; set; }
        }
    }
}

/// <summary>What a tokenizer makes of some texts.</summary>
/// <param name="Name">A source or a script.</param>
/// <param name="Documents">How many texts.</param>
/// <param name="Bytes">Their bytes in UTF-8.</param>
/// <param name="Words">Their words.</param>
/// <param name="Tokens">Their tokens.</param>
/// <param name="DifferentTokens">How many different ids occur.</param>
public sealed record TextCoverage(string Name, long Documents, long Bytes, long Words, long Tokens, int DifferentTokens)
{
    /// <summary>Bytes that a token stands for: more is shorter sequences.</summary>
    public double BytesPerToken => Tokens == 0 ? 0 : (double)Bytes / Tokens;

    /// <summary>Tokens that a word takes (fertility): fewer is better.</summary>
    public double TokensPerWord => Words == 0 ? 0 : (double)Tokens / Words;
}
