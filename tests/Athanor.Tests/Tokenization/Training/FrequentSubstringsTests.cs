using Athanor.Core.Randomness;
using Athanor.Tokenization.Training;
using Xunit;

namespace Athanor.Tests.Tokenization.Training;

public sealed class FrequentSubstringsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void They_are_the_strings_that_occur_before_two_different_characters(int threads)
    {
        for (int index = 0; index < 40; index++)
        {
            (int[] text, int[] starts, long[] counts) = Make(index);
            Dictionary<string, long> expected = ByHand(text, starts, counts, longest: 5);
            List<Substring> found = FrequentSubstrings.Find(text, 5, threads, TestContext.Current.CancellationToken, new SubstringWeights(starts, counts, EndsCount: false));
            Assert.Equal(
                expected.OrderBy(entry => entry.Key, StringComparer.Ordinal),
                found.ToDictionary(substring => string.Join(' ', text[substring.Start..(substring.Start + substring.Length)]), substring => substring.Count).OrderBy(entry => entry.Key, StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_end_of_a_word_may_count_as_a_different_character_each_time()
    {
        // "ab" ends two different words, "abc" one word that occurs three times
        int[] text = [1, 2, 0, 3, 1, 2, 0, 9, 9, 8, 0];
        List<Substring> found = FrequentSubstrings.Find(text, 5, 1, TestContext.Current.CancellationToken, new SubstringWeights([0, 3, 7], [2, 1, 3], EndsCount: true));
        Assert.Equal(
            ["1 2: 3", "9 8: 3", "9 9 8: 3"],
            found.Select(substring => $"{string.Join(' ', text[substring.Start..(substring.Start + substring.Length)])}: {substring.Count}").Order(StringComparer.Ordinal));
    }

    private static (int[] Text, int[] Starts, long[] Counts) Make(int index)
    {
        RandomStream random = new RandomStreams(3).Open("substrings", index);
        List<int> text = [];
        List<int> starts = [];
        List<long> counts = [];
        for (int sentence = 0; sentence < 12; sentence++)
        {
            starts.Add(text.Count);
            counts.Add(1 + random.NextInt32(3));
            for (int length = random.NextInt32(14); length > 0; length--)
            {
                text.Add(1 + random.NextInt32(2 + (index % 3)));
            }

            text.Add(FrequentSubstrings.Boundary);
        }

        return ([.. text], [.. starts], [.. counts]);
    }

    private static Dictionary<string, long> ByHand(int[] text, int[] starts, long[] counts, int longest)
    {
        Dictionary<string, (long Count, HashSet<int> Next)> all = [];
        for (int start = 0; start < text.Length; start++)
        {
            int sentence = Array.FindLastIndex(starts, begin => begin <= start);
            for (int length = 2; length <= longest && start + length < text.Length && !text.AsSpan(start, length).Contains(0); length++)
            {
                string key = string.Join(' ', text[start..(start + length)]);
                (long count, HashSet<int> next) = all.GetValueOrDefault(key, (0, []));
                next.Add(text[start + length]);
                all[key] = (count + counts[sentence], next);
            }
        }

        return all.Where(entry => entry.Value.Next.Count > 1).ToDictionary(entry => entry.Key, entry => entry.Value.Count);
    }
}
