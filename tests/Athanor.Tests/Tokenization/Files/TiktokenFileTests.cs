using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Tiktoken;
using Xunit;

namespace Athanor.Tests.Tokenization.Files;

public sealed class TiktokenFileTests
{
    private static readonly string Bytes = string.Concat(Enumerable.Range(0, 256).Select(value => $"{Convert.ToBase64String([(byte)value])} {value}\n"));
    private static readonly TiktokenEncoding Words = new("test", @"\w+|\W+", [new("<|end|>", 1000)]);

    [Fact]
    public void Neighbours_whose_bytes_are_a_token_are_merged_by_its_rank()
    {
        // "abc" can be put together in two ways; "bc" has the lower rank
        TokenizerPipeline tokenizer = TiktokenPipeline.Of(Read(Line("bc", 256) + Line("ab", 257) + Line("abc", 258)), Words);
        Assert.Equal([258], Encode(tokenizer, "abc"));
        Assert.Equal(['x', 258], Encode(tokenizer, "xabc"));
        Assert.Equal(['x', 257], Encode(tokenizer, "xab"));
    }

    [Fact]
    public void All_ways_to_the_same_token_have_one_rank()
    {
        MergeTable table = new([new Merge(1, 2, 9), new Merge(3, 4, 9), new Merge(5, 6, 8)], oneRankAToken: true);
        Assert.Equal(table.Rank(1, 2), table.Rank(3, 4));
        Assert.Equal(9, table.Result(table.Rank(3, 4)));
        Assert.True(table.Rank(5, 6) > table.Rank(1, 2));
        Assert.Equal(8, table.Result(table.Rank(5, 6)));
    }

    [Fact]
    public void Any_ranks_merge_as_looking_up_the_bytes_of_all_neighbours_does()
    {
        // Few letters and many tokens in any order of rank: ways to the same token, tokens that nothing leads to, overlapping neighbours
        RandomStream random = new RandomStreams(6).Open("tests/tiktoken");
        string Letters(int longest) => string.Concat(Enumerable.Range(0, 1 + random.NextInt32(longest)).Select(_ => (char)('a' + random.NextInt32(3))));
        for (int vocabulary = 0; vocabulary < 300; vocabulary++)
        {
            string[] tokens = [.. Enumerable.Range(0, 40).Select(_ => Letters(6)).Where(token => token.Length > 1).Distinct()];
            TokenizerPipeline tokenizer = TiktokenPipeline.Of(Read(string.Concat(tokens.Select((token, index) => Line(token, 256 + index)))), Words);
            Dictionary<string, int> ranks = tokens.Select((token, index) => (token, 256 + index)).ToDictionary();
            for (int text = 0; text < 20; text++)
            {
                string word = Letters(30);
                Assert.Equal(ranks.TryGetValue(word, out int whole) ? [whole] : MergedByLookingUp(word, ranks), Encode(tokenizer, word));
            }
        }
    }

    [Fact]
    public void Special_tokens_are_text_unless_they_are_asked_for()
    {
        TokenizerPipeline tokenizer = TiktokenPipeline.Of(Read(""), Words);
        Assert.Equal(Encoding.UTF8.GetBytes("a<|end|>").Select(value => (int)value), Encode(tokenizer, "a<|end|>"));
        List<int> ids = [];
        tokenizer.EncodeIds("a<|end|>", withSpecial: true, ids);
        Assert.Equal(['a', 1000], ids);
        Assert.Equal("a<|end|>", tokenizer.Decode([.. ids], skipSpecialTokens: false));
    }

    [Fact]
    public void Ranks_beyond_an_encoding_are_left_out()
    {
        TokenizerPipeline tokenizer = TiktokenPipeline.Of(Read(Line("ab", 256) + Line("cd", 257)), Words with { RankCount = 257 });
        Assert.Equal([256, 'c', 'd'], Encode(tokenizer, "abcd"));
    }

    [Fact]
    public void A_known_encoding_is_told_by_the_name_of_its_file_or_the_number_of_its_ranks()
    {
        Assert.Equal("cl100k_base", TiktokenEncoding.Of("/somewhere/cl100k_base.tiktoken", Read(""))?.Name);
        Assert.Null(TiktokenEncoding.Of("/somewhere/other.tiktoken", Read("")));
        Assert.Equal("r50k_base", TiktokenEncoding.Of("x.tiktoken", Read(string.Concat(Enumerable.Range(256, 50000).Select(rank => Line($"w{rank}", rank)))))?.Name);
    }

    [Theory]
    [InlineData("YWI=", "line 257")]
    [InlineData("YWI= x", "line 257")]
    [InlineData("YWI= -1", "line 257")]
    [InlineData("YW*= 256", "line 257")]
    [InlineData("YWI= 256 7", "line 257")]
    [InlineData("YWI= 99999999", "line 257")]
    [InlineData("YWI= 255", "rank 255 is there twice")]
    [InlineData("YQ== 256", "ranks 97 and 256 are the same token")]
    [InlineData("YWI= 2000000", "ranks up to 2000000")]
    public void A_malformed_or_contradictory_line_is_refused(string line, string named) =>
        Assert.Contains(named, Assert.Throws<AthanorException>(() => Read(line + "\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_rank_file_is_known_by_what_is_in_it()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["o200k_base.tiktoken"], Bytes + Line("ab", 256));
        File.WriteAllText(folder["ranks"], Bytes);
        Assert.Equal([256], Tokenizer.Load(folder["o200k_base.tiktoken"]).Encode("ab"));
        Assert.Contains("256 ranks", Assert.Throws<AthanorException>(() => Tokenizer.Load(folder["ranks"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_lacks_a_byte_is_refused() =>
        Assert.Contains("0x61", Assert.Throws<AthanorException>(() => TiktokenFile.Read(Encoding.ASCII.GetBytes(Bytes.Replace("YQ== 97\n", "", StringComparison.Ordinal)), "x")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_file_is_read_or_refused()
    {
        foreach (byte[] damaged in Mutation.Of(Encoding.ASCII.GetBytes(Bytes + Line("ab", 256) + Line("abc", 257)), 400, "tiktoken"))
        {
            try
            {
                Encode(TiktokenPipeline.Of(TiktokenFile.Read(damaged, "x"), Words), "abcabc é");
            }
            catch (AthanorException)
            {
            }
        }
    }

    private static string Line(string token, int rank) => $"{Convert.ToBase64String(Encoding.UTF8.GetBytes(token))} {rank}\n";

    private static TiktokenRanks Read(string more) => TiktokenFile.Read(Encoding.ASCII.GetBytes(Bytes + more), "x.tiktoken");

    private static List<int> Encode(TokenizerPipeline tokenizer, string text)
    {
        List<int> ids = [];
        tokenizer.EncodeIds(text, withSpecial: false, ids);
        return ids;
    }

    // As tiktoken is described: while some neighbours are a token, the ones of the lowest rank become it, of several the leftmost
    private static int[] MergedByLookingUp(string word, Dictionary<string, int> ranks)
    {
        List<string> parts = [.. word.Select(letter => letter.ToString())];
        while (Enumerable.Range(0, parts.Count - 1).Where(at => ranks.ContainsKey(parts[at] + parts[at + 1])).ToList() is { Count: > 0 } places)
        {
            int at = places.MinBy(place => ranks[parts[place] + parts[place + 1]]);
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }

        return [.. parts.Select(part => part.Length == 1 ? part[0] : ranks[part])];
    }
}
