using Athanor.Core.Errors;
using Athanor.Tokenization;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Training;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class BytePairTrainerTests
{
    [Fact]
    public void The_result_depends_neither_on_threads_nor_on_the_order_of_texts()
    {
        string expected = Describe(Train(TokenizerFixture.Texts, 600, threads: 1));
        Assert.Equal(expected, Describe(Train(TokenizerFixture.Texts, 600, threads: 2)));
        Assert.Equal(expected, Describe(Train(TokenizerFixture.Texts.Reverse(), 600, threads: 7)));
    }

    [Fact]
    public void It_follows_the_definition()
    {
        // Recounting everything after each merge is the definition; the queue only makes it fast
        Tokenizer tokenizer = Train(TokenizerFixture.Texts, 420);
        using WordList list = WordCounter.Count(TokenizerFixture.Texts, BytePairTrainer.Split, 1, WorkingMemory.Unlimited, TestContext.Current.CancellationToken);
        Dictionary<string, List<int>> words = [];
        Dictionary<string, long> counts = [];
        for (long index = 0; index < list.Count; index++)
        {
            string word = System.Text.Encoding.Latin1.GetString(list[index]);
            words.Add(word, [.. list[index].ToArray().Select(value => Id(tokenizer, ByteAlphabet.CharacterOf(value).ToString()))]);
            counts.Add(word, list.CountOf(index));
        }

        foreach (Merge merge in tokenizer.Merges)
        {
            Dictionary<(int, int), long> pairs = [];
            foreach ((string word, List<int> ids) in words)
            {
                for (int at = 0; at + 1 < ids.Count; at++)
                {
                    pairs[(ids[at], ids[at + 1])] = pairs.GetValueOrDefault((ids[at], ids[at + 1])) + counts[word];
                }
            }

            (int, int) best = pairs.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
            Assert.Equal(best, (merge.Left, merge.Right));
            foreach (List<int> ids in words.Values)
            {
                for (int at = 0; at + 1 < ids.Count; at++)
                {
                    if (ids[at] == merge.Left && ids[at + 1] == merge.Right)
                    {
                        ids[at] = merge.Result;
                        ids.RemoveAt(at + 1);
                    }
                }
            }
        }
    }

    [Fact]
    public void Ids_are_special_tokens_then_bytes_then_merges()
    {
        Tokenizer tokenizer = Train(["aaab aaab aaab"], 300);
        Assert.Equal(ChatTemplate.SpecialTokens, Enumerable.Range(0, 5).Select(tokenizer.TokenOf));
        Assert.Equal("!", tokenizer.TokenOf(5));
        Assert.Equal(256, Enumerable.Range(5, 256).Select(id => tokenizer.BytesOf(id).ToArray().Single()).Distinct().Count());
        Assert.Equal(261 + 4, tokenizer.VocabularySize);
        Assert.Equal(["aa", "ab", "aaab", "Ġaaab"], Enumerable.Range(261, 4).Select(tokenizer.TokenOf));
    }

    [Fact]
    public void Whole_numbers_are_single_tokens_though_the_text_has_none()
    {
        Tokenizer tokenizer = Train(["no digits here"], 400, wholeNumbers: 99);
        for (int number = 0; number <= 99; number++)
        {
            Assert.Single(tokenizer.Encode($" {number}"));
        }

        Assert.True(tokenizer.Encode(" 100").Length > 1);
        Assert.Equal(10, tokenizer.Merges.Take(10).Count(merge => tokenizer.TokenOf(merge.Result).Length == 2));
    }

    [Fact]
    public void Whole_numbers_stay_single_tokens_in_a_text_full_of_them()
    {
        for (int number = 0; number <= 99; number++)
        {
            Assert.Single(TokenizerFixture.Tokenizer.Encode($" {number}"));
        }
    }

    [Fact]
    public void A_vocabulary_too_small_for_the_bytes_is_refused()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => Train(["text"], 300, wholeNumbers: 99));
        Assert.Contains("361", fault.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_without_a_pair_gives_the_bytes_alone()
    {
        Assert.Equal(261, Train([], 300).VocabularySize);
        Assert.Equal(261, Train(["a", "b"], 300).VocabularySize);
    }

    private static Tokenizer Train(IEnumerable<string> texts, int size, int? wholeNumbers = null, int threads = 0) =>
        BytePairTrainer.Train(texts, size, ChatTemplate.SpecialTokens, wholeNumbers, threads, cancellation: TestContext.Current.CancellationToken);

    private static int Id(Tokenizer tokenizer, string token) => tokenizer.TryGetId(token, out int id) ? id : -1;

    private static string Describe(Tokenizer tokenizer) =>
        string.Join(' ', Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.TokenOf)) + string.Join(' ', tokenizer.Merges);
}
