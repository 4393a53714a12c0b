using Athanor.Core.Randomness;
using Athanor.Tokenization.Unigrams;
using Xunit;

namespace Athanor.Tests.Tokenization.Unigrams;

public sealed class PieceTrieTests
{
    [Theory]
    [InlineData(3, 200)]
    [InlineData(256, 5000)]
    public void It_finds_its_pieces_and_no_others(int alphabet, int count)
    {
        RandomStream random = new RandomStreams(1).Open("trie", alphabet);
        byte[] Draw() => [.. Enumerable.Range(0, 1 + random.NextInt32(6)).Select(_ => (byte)random.NextInt32(alphabet))];
        Dictionary<string, int> expected = [];
        List<byte[]> pieces = [];
        for (int id = 0; id < count; id++)
        {
            pieces.Add(Draw());
            expected[Convert.ToHexString(pieces[id])] = id;
        }

        PieceTrie trie = new(pieces);
        Assert.All(expected, entry => Assert.Equal(entry.Value, trie.Find(Convert.FromHexString(entry.Key))));
        for (int i = 0; i < 5000; i++)
        {
            byte[] key = Draw();
            Assert.Equal(expected.GetValueOrDefault(Convert.ToHexString(key), -1), trie.Find(key));
            int longest = Enumerable.Range(1, key.Length).Where(length => expected.ContainsKey(Convert.ToHexString(key.AsSpan(0, length)))).LastOrDefault();
            Assert.Equal(longest, trie.LongestPrefix(key));
        }
    }

    [Fact]
    public void An_empty_piece_is_left_out()
    {
        PieceTrie trie = new([[], [65]]);
        Assert.Equal(-1, trie.Find([]));
        Assert.Equal(1, trie.Find([65]));
    }

    [Fact]
    public void Words_are_cut_only_where_no_piece_crosses()
    {
        WordCuts cuts = new(new[] { "▁", "▁▁", "▁the", "a", "b", "ab", "." }.Select(System.Text.Encoding.UTF8.GetBytes));
        Assert.True(cuts.CutsWords);
        Assert.Equal("a.b"u8.Length, cuts.WordLength("a.b▁▁the▁a"u8));
        Assert.Equal("▁▁the"u8.Length, cuts.WordLength("▁▁the▁a"u8));
        Assert.Equal("ab".Length, cuts.PartLength("ab.ab"u8));
        Assert.Equal(1, cuts.PartLength("bab"u8));

        WordCuts suffix = new(new[] { "▁", "the▁", "a" }.Select(System.Text.Encoding.UTF8.GetBytes));
        Assert.Equal("the▁▁"u8.Length, suffix.WordLength("the▁▁a▁"u8));
        Assert.False(new WordCuts(["a▁b"u8.ToArray()]).CutsWords);
    }
}
