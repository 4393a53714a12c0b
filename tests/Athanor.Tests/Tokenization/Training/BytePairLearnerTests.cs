using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Training;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Tokenization.Training;

public sealed class BytePairLearnerTests
{
    [Fact]
    public void It_joins_what_joining_word_by_word_joins()
    {
        // Few letters make runs of equal ones, overlaps, and tokens that are reached on two paths
        Prop.ForAll(Gen.ListOf(Gen.ListOf(Gen.Elements("a", "a", "b", "c")).Select(string.Concat)).ToArbitrary(), list =>
        {
            string[] texts = [.. list.Where(word => word.Length > 0)];
            using WordList words = CountedTexts.Count(texts);
            (IReadOnlyList<string> tokens, IReadOnlyList<Merge> merges) = BytePairLearner.Learn(words, new BytePairTrainingOptions { VocabularySize = 40 });
            (List<string> plainTokens, List<(int, int)> plainMerges) = Plain(CountedTexts.Read(words), 40);
            Assert.Equal(plainTokens, tokens);
            Assert.Equal(plainMerges, merges.Select(merge => (merge.Left, merge.Right)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(60));
    }

    [Fact]
    public void Arrays_in_files_give_the_same_result()
    {
        IReadOnlyList<string> texts = CountedTexts.Make(600, 60, "files");
        using TemporaryFolder folder = new();
        WorkingMemory little = new(0, folder.Path);
        using WordList usual = CountedTexts.Count(texts);
        using WordList mapped = CountedTexts.Count(texts, little);
        BytePairTrainingOptions options = new() { VocabularySize = 500 };
        (IReadOnlyList<string> tokens, IReadOnlyList<Merge> merges) = BytePairLearner.Learn(usual, options);
        (IReadOnlyList<string> otherTokens, IReadOnlyList<Merge> otherMerges) = BytePairLearner.Learn(mapped, options);
        Assert.Equal(tokens, otherTokens);
        Assert.Equal(merges, otherMerges);
        Assert.NotEmpty(merges);
        Assert.Contains("array-", string.Join(' ', little.NextFile()), StringComparison.Ordinal);
    }

    [Fact]
    public void Pieces_within_a_word_bear_the_prefix_and_its_end_the_suffix()
    {
        using WordList words = CountedTexts.Count(["abab abab ab"]);
        (IReadOnlyList<string> tokens, _) = BytePairLearner.Learn(words, new BytePairTrainingOptions { VocabularySize = 9, ContinuingPrefix = "##" });
        Assert.Equal(["a", "b", "##a", "##b", "ab", "##ab", "abab"], tokens);
        (tokens, _) = BytePairLearner.Learn(words, new BytePairTrainingOptions { VocabularySize = 9, WordSuffix = "</w>" });
        Assert.Equal(["a", "b", "b</w>", "ab</w>", "ab", "abab</w>"], tokens);
    }

    [Fact]
    public void Rare_pairs_and_characters_are_left_out_where_asked_for()
    {
        using WordList words = CountedTexts.Count(["ab ab ab cd xy"]);
        (IReadOnlyList<string> tokens, IReadOnlyList<Merge> merges) = BytePairLearner.Learn(words, new BytePairTrainingOptions { LeastFrequency = 2, SpecialTokens = ["<s>"] });
        Assert.Equal(["<s>", "a", "b", "c", "d", "x", "y", "ab"], tokens);
        Assert.Single(merges);
        (tokens, _) = BytePairLearner.Learn(words, new BytePairTrainingOptions { AlphabetLimit = 3, InitialAlphabet = ["z"] });
        Assert.Equal(["a", "b", "z", "ab"], tokens);
    }

    [Fact]
    public void Counts_go_beyond_32_bits()
    {
        using WordTable table = new();
        table.Add("ab"u8, 5_000_000_000);
        table.Add("cd"u8, 6_000_000_000);
        table.Add("cd"u8, 1);
        using WordList words = WordList.From(table, WorkingMemory.Unlimited);
        Assert.Equal(6_000_000_001, words.CountOf(1));
        Assert.Equal("cd", BytePairLearner.Learn(words, new BytePairTrainingOptions { VocabularySize = 5 }).Tokens[^1]);
    }

    /// <summary>Hugging Face's trainer written down plainly: for each pair the words it was seen in when it was queued.</summary>
    private static (List<string> Tokens, List<(int Left, int Right)> Merges) Plain((string Word, long Count)[] words, int size)
    {
        List<string> tokens = [.. words.SelectMany(entry => entry.Word.EnumerateRunes()).Distinct().Order().Select(rune => rune.ToString())];
        List<List<int>> symbols = [.. words.Select(entry => entry.Word.EnumerateRunes().Select(rune => tokens.IndexOf(rune.ToString())).ToList())];
        Dictionary<(int, int), long> counts = [];
        Dictionary<(int, int), SortedSet<int>> touched = [];
        List<((int Left, int Right) Pair, long Count, SortedSet<int> Words)> queue = [];
        List<(int, int)> merges = [];
        void Change((int, int) pair, long by, int word)
        {
            counts[pair] = counts.GetValueOrDefault(pair) + by;
            if (by > 0)
            {
                touched.TryAdd(pair, []);
                touched[pair].Add(word);
            }
        }

        void Enqueue()
        {
            queue.AddRange(touched.Where(entry => counts[entry.Key] > 0).Select(entry => (entry.Key, counts[entry.Key], entry.Value)));
            touched.Clear();
        }

        for (int word = 0; word < symbols.Count; word++)
        {
            for (int at = 1; at < symbols[word].Count; at++)
            {
                Change((symbols[word][at - 1], symbols[word][at]), words[word].Count, word);
            }
        }

        Enqueue();
        while (tokens.Count < size && queue.Count > 0)
        {
            // The first of equal ones is the one queued first
            int best = 0;
            for (int at = 1; at < queue.Count; at++)
            {
                if (queue[at].Count > queue[best].Count || (queue[at].Count == queue[best].Count && queue[at].Pair.CompareTo(queue[best].Pair) < 0))
                {
                    best = at;
                }
            }

            ((int Left, int Right) pair, long count, SortedSet<int> seen) = queue[best];
            if (count != counts[pair])
            {
                queue[best] = (pair, counts[pair], seen);
                if (counts[pair] <= 0)
                {
                    queue.RemoveAt(best);
                }

                continue;
            }

            queue.RemoveAt(best);
            string token = tokens[pair.Left] + tokens[pair.Right];
            int result = tokens.IndexOf(token);
            if (result < 0)
            {
                result = tokens.Count;
                tokens.Add(token);
            }

            merges.Add(pair);
            foreach (int word in seen)
            {
                List<int> run = symbols[word];
                for (int at = 0; at + 1 < run.Count; at++)
                {
                    if (run[at] != pair.Left || run[at + 1] != pair.Right)
                    {
                        continue;
                    }

                    if (at > 0)
                    {
                        Change((run[at - 1], pair.Left), -words[word].Count, word);
                        Change((run[at - 1], result), words[word].Count, word);
                    }

                    if (at + 2 < run.Count)
                    {
                        Change((pair.Right, run[at + 2]), -words[word].Count, word);
                        Change((result, run[at + 2]), words[word].Count, word);
                    }

                    run[at] = result;
                    run.RemoveAt(at + 1);
                }
            }

            Enqueue();
        }

        return (tokens, merges);
    }
}
