using System.Text;
using Athanor.Core.Randomness;

namespace Athanor.Tests.Tokenization;

/// <summary>Texts in several scripts full of words that stood in no text before, and what calls over them allocate.</summary>
internal static class NewWords
{
    private static readonly string[] Letters =
    [
        "a", "b", "c", "d", "e", "f", "g", "h", "A", "B", "é", "à", "ñ", "Ö", "ж", "Щ", "ộ", "क", "ि", "가", "数", "中", "e\u0301", "\u0323\u0301", "ﬁ", "1", "🙂", "\u0007",
    ];

    private static readonly string[] Between = [" ", " ", " ", " ", "  ", "\n", ", ", ". ", " — ", "。", "\u3000", "!"];

    public static string Text(string purpose, int index, int words)
    {
        RandomStream random = new RandomStreams(20261124).Open(purpose, index);
        StringBuilder text = new();
        for (int word = 0; word < words; word++)
        {
            int script = random.NextInt32(Letters.Length);
            for (int letter = 1 + random.NextInt32(9); letter > 0; letter--)
            {
                text.Append(Letters[random.NextInt32(3) == 0 ? random.NextInt32(Letters.Length) : (script + random.NextInt32(4)) % Letters.Length]);
            }

            text.Append(Between[random.NextInt32(Between.Length)]);
        }

        return text.ToString();
    }

    /// <summary>
    /// What encoding forty texts allocates at last, none of which was encoded before. Code that the runtime has not compiled in full yet boxes what it compares, and memory kept for the
    /// next text grows at first, so that there are many rounds.
    /// </summary>
    public static long AllocatedBy(Action<string> encode, string purpose)
    {
        const int rounds = 60, texts = 40;
        encode(Text(purpose, -1, 400));
        long allocated = long.MaxValue;
        for (int round = 0; round < rounds && allocated > 0; round++)
        {
            string[] fresh = [.. Enumerable.Range(round * texts, texts).Select(index => Text(purpose, index, 150))];
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (string text in fresh)
            {
                encode(text);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return allocated;
    }
}
