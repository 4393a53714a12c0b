using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Statistics.NGrams;
using Xunit;

namespace Athanor.Tests.Statistics;

public sealed class NGramModelTests : IDisposable
{
    private const int Words = 40;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, Words)]
    [InlineData(2, 0)]
    [InlineData(3, Words)]
    [InlineData(5, 0)]
    [InlineData(5, Words)]
    public void Probabilities_sum_to_one_after_any_context(int order, int begin)
    {
        NGramModel model = Train(order, begin);
        RandomStream random = new RandomStreams(2).Open("contexts", order);
        double[] probabilities = new double[Words];
        for (int round = 0; round < 200; round++)
        {
            int[] context = [.. Enumerable.Range(0, random.NextInt32(7)).Select(_ => random.NextInt32(Words + 1)).Where(word => word < Words || begin == Words)];
            model.Distribution(context, probabilities);
            Assert.Equal(1, probabilities.Sum(), 10);
            Assert.All(probabilities.Select((probability, word) => (probability, word)), pair => Assert.True(pair.word == begin ? pair.probability == 0 : pair.probability > 0));
            Assert.Equal(probabilities[3], model.Probability(context, 3), 14);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Scoring_a_text_gives_each_word_after_what_stands_before_it(int order)
    {
        NGramModel model = Train(order, Words);
        int[] text = Sequences(5, 1).Single();
        for (int first = 0; first < text.Length; first += 3)
        {
            double[] logs = new double[text.Length - first];
            model.Score(text, first, logs);
            for (int at = first; at < text.Length; at++)
            {
                Assert.Equal(Math.Log(model.Probability(text.AsSpan(0, at), text[at])), logs[at - first], 12);
            }
        }
    }

    [Fact]
    public void A_word_that_begins_sequences_begins_a_new_one_within_a_text()
    {
        int[][] apart = [[0, 5, 6, 7], [0, 6, 5], [0, 5, 6]];
        NGramModel joined = NGramModel.Train([apart.SelectMany(words => words).ToArray()], 3, Words, 0, TestContext.Current.CancellationToken);
        NGramModel separate = NGramModel.Train(apart.Select(words => (ReadOnlyMemory<int>)words), 3, Words, 0, TestContext.Current.CancellationToken);
        NGramModel bare = NGramModel.Train(apart.Select(words => (ReadOnlyMemory<int>)words[1..]), 3, Words, 0, TestContext.Current.CancellationToken);
        for (int word = 0; word < Words; word++)
        {
            Assert.Equal(separate.Probability([0, 5], word), joined.Probability([0, 5], word));
            Assert.Equal(separate.Probability([5, 6], word), bare.Probability([5, 6], word));
        }
    }

    [Fact]
    public void Text_seen_is_likelier_than_text_unseen()
    {
        NGramModel model = Train(4, Words);
        int[] seen = Sequences(0, 1).Single();
        int[] unseen = [.. seen.Reverse()];
        double[] logs = new double[seen.Length];
        model.Score(seen, 0, logs);
        double first = logs.Sum();
        model.Score(unseen, 0, logs);
        Assert.True(first > logs.Sum() + 10);
    }

    [Fact]
    public void No_text_at_all_gives_the_uniform_distribution()
    {
        NGramModel model = NGramModel.Train([], 5, Words, Words, TestContext.Current.CancellationToken);
        Assert.Equal(1.0 / Words, model.Probability([1, 2, 3], 4), 12);
    }

    [Fact]
    public void A_word_outside_the_vocabulary_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NGramModel.Train([new[] { Words }], 2, Words, 0, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => NGramModel.Train([new[] { -1 }], 2, Words, 0, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_arpa_file_holds_the_model()
    {
        NGramModel model = Train(3, Words);
        ArpaFile.Write(_folder["model.arpa"], model, Name);
        IReadOnlyList<IReadOnlyList<ArpaEntry>> lengths = ArpaFile.Read(_folder["model.arpa"]);
        Assert.Equal([Words + 1, model.CountOf(2), model.CountOf(3)], lengths.Select(entries => (long)entries.Count));
        foreach (ArpaEntry entry in lengths.SelectMany(entries => entries).Where(entry => entry.Words != "<s>"))
        {
            int[] words = [.. entry.Words.Split(' ').Select(word => word == "<s>" ? Words : int.Parse(word[1..]))];
            Assert.Equal(Math.Log10(model.Probability(words.AsSpan(..^1), words[^1])), entry.LogProbability, 1e-8);
        }
    }

    [Fact]
    public void A_damaged_arpa_file_is_read_or_refused()
    {
        ArpaFile.Write(_folder["model.arpa"], NGramModel.Train(Sequences(0, 2).Select(words => (ReadOnlyMemory<int>)words), 2, Words, Words, TestContext.Current.CancellationToken), Name);
        byte[] original = File.ReadAllBytes(_folder["model.arpa"]);
        foreach (byte[] mutant in Mutation.Of(original, 400, "arpa"))
        {
            File.WriteAllBytes(_folder["model.arpa"], mutant);
            try
            {
                ArpaFile.Read(_folder["model.arpa"]);
            }
            catch (AthanorException exception)
            {
                Assert.Contains("line", exception.Message, StringComparison.Ordinal);
            }
        }
    }

    private static string Name(int word) => word == Words ? "<s>" : $"w{word}";

    private static NGramModel Train(int order, int begin) =>
        NGramModel.Train(Sequences(0, 60).Select(words => (ReadOnlyMemory<int>)words), order, Words, begin, TestContext.Current.CancellationToken);

    // Each word depends on the one before it, so that n-grams repeat
    private static IEnumerable<int[]> Sequences(int from, int count)
    {
        for (int index = from; index < from + count; index++)
        {
            RandomStream random = new RandomStreams(9).Open("sequences", index);
            int word = 1 + random.NextInt32(Words - 1);
            int[] words = new int[30];
            for (int at = 0; at < words.Length; at++)
            {
                words[at] = word;
                word = 1 + (((word * 7) + Math.Min(random.NextInt32(12), random.NextInt32(12))) % (Words - 1));
            }

            yield return words;
        }
    }
}
