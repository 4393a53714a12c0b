using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Splitting;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class ByteLevelEncoderTests
{
    private static readonly int[] ByteIds = [.. Enumerable.Range(0, 256)];

    [Fact]
    public void Words_of_any_length_are_merged_as_the_definition_says()
    {
        RandomStream random = new RandomStreams(11).Open("merges");
        for (int round = 0; round < 400; round++)
        {
            // Few letters, so that rules chain, overlap and undercut each other's ranks
            int letters = 1 + random.NextInt32(4);
            List<Merge> merges = RandomMerges(random, letters, 1 + random.NextInt32(60), shuffled: round % 2 == 0);
            BytePairModel model = new(ByteIds, merges);
            byte[] word = [.. Enumerable.Range(0, 1 + random.NextInt32(round % 8 == 0 ? 1200 : 90)).Select(_ => (byte)('a' + random.NextInt32(letters)))];
            int[] ids = new int[word.Length];
            Assert.Equal(ByDefinition(merges, word), ids[..model.Encode(word, ids)]);
        }
    }

    [Fact]
    public void Long_words_one_after_another_do_not_touch_each_other()
    {
        RandomStream random = new RandomStreams(12).Open("merges");
        List<Merge> merges = RandomMerges(random, 3, 50, shuffled: true);
        BytePairModel model = new(ByteIds, merges);
        BytePairModel other = new(ByteIds, RandomMerges(random, 2, 200, shuffled: false));
        for (int round = 0; round < 30; round++)
        {
            byte[] word = [.. Enumerable.Range(0, 520 + random.NextInt32(300)).Select(_ => (byte)('a' + random.NextInt32(3)))];
            int[] ids = new int[word.Length];
            Assert.Equal(ByDefinition(merges, word), ids[..model.Encode(word, ids)]);
            other.Encode(word, ids);
        }
    }

    [Fact]
    public void Many_threads_share_the_words_of_one_encoder()
    {
        RandomStream random = new RandomStreams(13).Open("merges");
        List<Merge> merges = RandomMerges(random, 5, 60, shuffled: true);

        // Far more words than the cache has lines, so that they are replaced all the time
        string text = string.Join(' ', Enumerable.Range(0, 60_000).Select(_ => new string([.. Enumerable.Range(0, 2 + random.NextInt32(9)).Select(_ => (char)('a' + random.NextInt32(5)))])));
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int[] expected = EncodeAll(new ByteLevelEncoder<AthanorPattern>(new BytePairModel(ByteIds, merges), null), bytes);
        ByteLevelEncoder<AthanorPattern> shared = new(new BytePairModel(ByteIds, merges), null);
        Parallel.For(0, 8, _ => Assert.Equal(expected, EncodeAll(shared, bytes)));
    }

    [Fact]
    public void A_word_that_is_a_token_is_taken_whole_where_the_model_says_so()
    {
        // No rule makes "abc" of its parts; only the vocabulary has it
        byte[][] tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), "abc"u8.ToArray(), [.. Enumerable.Repeat((byte)'x', 80)]];
        BytePairModel model = new(ByteIds, []);
        byte[] text = Encoding.UTF8.GetBytes("abc abc " + new string('x', 80));
        Assert.Equal([256, ' ', 'a', 'b', 'c', ' ', .. Enumerable.Repeat((int)'x', 80)], EncodeAll(new ByteLevelEncoder<Gpt2Pattern>(model, new TokenTable(tokens)), text));
        Assert.Equal([256, 257], EncodeAll(new ByteLevelEncoder<Gpt2Pattern>(model, new TokenTable(tokens)), "abc"u8.ToArray()).Concat(EncodeAll(new ByteLevelEncoder<Gpt2Pattern>(model, new TokenTable(tokens)), text[8..])));
    }

    [Fact]
    public void Sentences_without_spaces_are_merged_as_if_they_were_not_cut_where_no_rule_reaches_across()
    {
        RandomStream random = new RandomStreams(15).Open("merges");
        string[] characters = ["a", "é", "я", "日", "本", "語", "の", "🙂", "🚀"];
        for (int round = 0; round < 60; round++)
        {
            byte[] Sentence(int shortest) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, shortest + random.NextInt32(60)).Select(_ => characters[random.NextInt32(characters.Length)])));

            // Rules for neighbours that are met, as in training: within characters, across them, and of parts of characters with their neighbours
            List<Merge> merges = [];
            byte[] sample = Sentence(30);
            for (int rule = 0; rule < 60; rule++)
            {
                List<int> ids = ByDefinition(merges, sample);
                int at = random.NextInt32(ids.Count - 1);
                merges.Add(new Merge(ids[at], ids[at + 1], 256 + rule));
            }

            if (round % 4 == 0)
            {
                Merge[] shuffled = [.. merges];
                random.Shuffle(shuffled.AsSpan());
                merges = [.. shuffled];
            }

            ByteLevelEncoder<Cl100kPattern> encoder = new(new BytePairModel(ByteIds, merges), null);
            for (int sentence = 0; sentence < 5; sentence++)
            {
                byte[] text = Sentence(15);
                List<int> expected = [];
                for (int at = 0; at < text.Length;)
                {
                    int end = encoder.NextWord(text, at);
                    expected.AddRange(ByDefinition(merges, text[at..end]));
                    at = end;
                }

                Assert.Equal(expected, EncodeAll(encoder, text));
            }
        }
    }

    [Fact]
    public void The_byte_alphabet_reads_the_same_in_either_encoding()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        Assert.Equal(all, ByteAlphabet.Read(Encoding.UTF8.GetBytes(ByteAlphabet.Write(all))));
        Assert.All(["a b", "中", "\u0144", "🙂", " "], token => Assert.Null(ByteAlphabet.Read(Encoding.UTF8.GetBytes(token))));
        Assert.All(["", "a", "Ġthe", "é"], token => Assert.Equal(ByteAlphabet.Read(token), ByteAlphabet.Read(Encoding.UTF8.GetBytes(token))));
    }

    [Fact]
    public void A_token_is_found_by_its_bytes_alone()
    {
        RandomStream random = new RandomStreams(14).Open("tokens");
        byte[][] tokens = [.. Enumerable.Range(0, 3000).Select(_ => Enumerable.Range(0, 1 + random.NextInt32(70)).Select(_ => (byte)random.NextInt32(3)).ToArray())];
        TokenTable table = new(tokens);
        Dictionary<string, int> first = [];
        for (int id = 0; id < tokens.Length; id++)
        {
            first.TryAdd(Convert.ToHexString(tokens[id]), id);
        }

        Assert.All(tokens, token => Assert.Equal(first[Convert.ToHexString(token)], table.Find(token)));
        Assert.Equal(-1, table.Find([9]));
        Assert.Equal(-1, table.Find([]));
    }

    private static int[] EncodeAll(ByteLevelEncoder encoder, byte[] text)
    {
        int[] ids = new int[text.Length + ByteLevelEncoder.Spare];
        int at = 0;
        int count = encoder.Encode(text, ref at, ids);
        Assert.Equal(text.Length, at);
        return ids[..count];
    }

    // Rules whose result is the bytes of both parts together, as in every real vocabulary; equal bytes are one token
    private static List<Merge> RandomMerges(RandomStream random, int letters, int count, bool shuffled)
    {
        List<string> tokens = [.. Enumerable.Range(0, letters).Select(letter => ((char)('a' + letter)).ToString())];
        Dictionary<string, int> ids = tokens.ToDictionary(token => token, token => (int)token[0]);
        HashSet<(string, string)> seen = [];
        List<Merge> merges = [];
        for (int at = 0; at < count; at++)
        {
            string left = tokens[random.NextInt32(tokens.Count)];
            string right = tokens[random.NextInt32(tokens.Count)];
            if (left.Length + right.Length > 12 || !seen.Add((left, right)))
            {
                continue;
            }

            if (ids.TryAdd(left + right, 256 + ids.Count))
            {
                tokens.Add(left + right);
            }

            merges.Add(new Merge(ids[left], ids[right], ids[left + right]));
        }

        Merge[] order = [.. merges];
        if (shuffled)
        {
            random.Shuffle(order.AsSpan());
        }

        return [.. order];
    }

    private static List<int> ByDefinition(List<Merge> merges, byte[] word)
    {
        Dictionary<(int, int), int> ranks = [];
        for (int rank = 0; rank < merges.Count; rank++)
        {
            ranks[(merges[rank].Left, merges[rank].Right)] = rank;
        }

        List<int> ids = [.. word.Select(value => (int)value)];
        while (true)
        {
            (int best, int place) = (int.MaxValue, -1);
            for (int at = 0; at + 1 < ids.Count; at++)
            {
                if (ranks.TryGetValue((ids[at], ids[at + 1]), out int rank) && rank < best)
                {
                    (best, place) = (rank, at);
                }
            }

            if (place < 0)
            {
                return ids;
            }

            ids[place] = merges[best].Result;
            ids.RemoveAt(place + 1);
        }
    }
}
