using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Training;
using Xunit;

namespace Athanor.Tests.Tokenization.Training;

/// <summary>Seeded texts and what was counted in them.</summary>
internal static class CountedTexts
{
    /// <summary>Texts of many different words, some of which are long or not Latin.</summary>
    public static IReadOnlyList<string> Make(int texts, int wordsEach, string purpose)
    {
        List<string> result = [];
        string[] letters = ["a", "b", "e", "n", "t", "ä", "数", "🙂"];
        for (int index = 0; index < texts; index++)
        {
            RandomStream random = new RandomStreams(11).Open(purpose, index);
            StringBuilder text = new();
            for (int word = 0; word < wordsEach; word++)
            {
                for (int length = 1 + random.NextInt32(8); length > 0; length--)
                {
                    text.Append(letters[Math.Min(random.NextInt32(letters.Length), random.NextInt32(letters.Length))]);
                }

                text.Append(' ');
            }

            result.Add(text.ToString());
        }

        return result;
    }

    /// <summary>Splits at spaces.</summary>
    public static void Split(string text, WordTable words)
    {
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            words.Add(word);
        }
    }

    /// <summary>The words and counts in their order.</summary>
    public static (string Word, long Count)[] Read(WordList words)
    {
        (string, long)[] result = new (string, long)[words.Count];
        for (long index = 0; index < words.Count; index++)
        {
            result[index] = (Encoding.UTF8.GetString(words[index]), words.CountOf(index));
        }

        return result;
    }

    /// <summary>What counting by hand gives.</summary>
    public static (string Word, long Count)[] ByHand(IEnumerable<string> texts) =>
    [
        .. texts.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .GroupBy(word => word, (word, all) => (Word: word, Count: (long)all.Count()))
            .OrderBy(entry => Encoding.UTF8.GetBytes(entry.Word), Comparer<byte[]>.Create((first, second) => first.AsSpan().SequenceCompareTo(second))),
    ];

    /// <summary>A list of words that is there already.</summary>
    public static WordList Count(IEnumerable<string> texts, WorkingMemory? memory = null) =>
        WordCounter.Count(texts, Split, 1, memory ?? WorkingMemory.Unlimited, TestContext.Current.CancellationToken);
}
