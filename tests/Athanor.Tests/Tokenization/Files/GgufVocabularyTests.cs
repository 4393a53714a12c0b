using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Athanor.Tests.Core.Files;
using Athanor.Tokenization;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Pipeline;
using Xunit;

namespace Athanor.Tests.Tokenization.Files;

public sealed class GgufVocabularyTests
{
    private static readonly string[] Letters = [.. "abcdefgh".Select(letter => letter.ToString())];

    [Fact]
    public void Every_kind_of_vocabulary_is_read_and_writes_text()
    {
        foreach ((string name, GgufWriter file) in Kinds())
        {
            TokenizerPipeline tokenizer = Read(file.ToArray());
            List<int> ids = [];
            tokenizer.EncodeIds("abc<x>", withSpecial: false, ids);
            Assert.True(ids.Count > 0, name);
            Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.IdLimit - 1));
            Assert.NotNull(tokenizer.Decode([.. ids], skipSpecialTokens: true));
        }
    }

    [Fact]
    public void Control_tokens_are_found_on_request_and_user_defined_ones_always()
    {
        TokenizerPipeline tokenizer = Read(SentencePieces().ToArray());
        int control = Id(tokenizer, "<s>");
        int user = Id(tokenizer, "<x>");
        Assert.DoesNotContain(control, Encode(tokenizer, "a<s>b<x>", withSpecial: false));
        Assert.Contains(user, Encode(tokenizer, "a<s>b<x>", withSpecial: false));
        Assert.Contains(control, Encode(tokenizer, "a<s>b<x>", withSpecial: true));
    }

    [Fact]
    public void A_file_is_known_by_what_is_in_it()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["model"], SentencePieces().ToArray());
        Tokenizer tokenizer = Tokenizer.Load(folder["model"]);
        Assert.Equal("abc d", tokenizer.Decode(tokenizer.Encode("abc d")));
        Assert.Equal(1, tokenizer.EncodeText("abc").Ids[0]);
    }

    [Fact]
    public void The_longest_special_token_is_cut_out_before_the_leftmost()
    {
        // "<a><b>" begins later, but is longer than "x<a>"
        GgufWriter file = new GgufWriter().Add("tokenizer.ggml.model", "llama")
            .Add("tokenizer.ggml.tokens", "<unk>", "x<a>", "<a><b>", "x", "y", "▁")
            .Add("tokenizer.ggml.token_type", [2, 4, 4, 1, 1, 1]);
        Assert.Equal([5, 3, 2, 5, 4], Encode(Read(file.ToArray()), "x<a><b>y", withSpecial: false));
    }

    [Fact]
    public void Tokens_of_a_text_cover_it_without_gaps()
    {
        TokenizerPipeline tokenizer = Read(SentencePieces().ToArray());
        const string text = "abc  ▁d<s>efgh é😀 a";
        int end = 0;
        foreach ((int start, int stop) in tokenizer.Encode(text, null, addSpecialTokens: false).Offsets)
        {
            Assert.True(start <= end, $"{start} follows {end}");
            end = Math.Max(end, stop);
        }

        Assert.Equal(text.Length, end);
    }

    [Fact]
    public void A_text_decoded_token_by_token_is_the_text_decoded_at_once()
    {
        RandomStreams streams = new(20261124);
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharacterOf((byte)value).ToString())];
        foreach (string pre in (string[])["gpt-2", "qwen2"])
        {
            GgufWriter pairs = new GgufWriter().Add("tokenizer.ggml.model", "gpt2").Add("tokenizer.ggml.pre", pre).Add("tokenizer.ggml.tokens", [.. bytes, "Ġ'", "Ġ.", "'re"])
                .Add("tokenizer.ggml.merges", "Ġ '", "Ġ .");
            foreach (GgufWriter file in (GgufWriter[])[pairs, SentencePieces()])
            {
                Tokenizer tokenizer = new(Read(file.ToArray()));
                for (int draw = 0; draw < 200; draw++)
                {
                    RandomStream random = streams.Open("gguf streaming", draw);
                    string[] parts = [" ", "'", "s", "re", ".", "é", "😀", "a", "?", " ' "];
                    string text = string.Concat(Enumerable.Range(0, 1 + random.NextInt32(12)).Select(_ => parts[random.NextInt32(parts.Length)]));
                    int[] ids = tokenizer.Encode(text);
                    StreamingDecoder decoder = tokenizer.OpenDecoder();
                    string streamed = string.Concat(ids.Select(decoder.Append)) + decoder.Flush();
                    Assert.Equal(tokenizer.Decode(ids), streamed);
                }
            }
        }
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "mystery", "mystery")]
    [InlineData("tokenizer.ggml.pre", "mystery", "mystery")]
    public void What_is_not_known_is_refused_by_its_name(string key, string value, string named)
    {
        GgufWriter file = new GgufWriter().Add(key, value).Add("tokenizer.ggml.tokens", Letters);
        if (key.EndsWith("pre", StringComparison.Ordinal))
        {
            file.Add("tokenizer.ggml.model", "gpt2");
        }

        Assert.Contains(named, Assert.Throws<AthanorException>(() => Read(file.ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_vocabulary_or_with_a_contradictory_one_is_refused()
    {
        Assert.Throws<AthanorException>(() => Read(new GgufWriter().Add("general.name", "x").ToArray()));
        Assert.Contains("two equal tokens", Fault(new GgufWriter().Add("tokenizer.ggml.model", "llama").Add("tokenizer.ggml.tokens", "a", "a")), StringComparison.Ordinal);
        Assert.Contains("1 scores", Fault(new GgufWriter().Add("tokenizer.ggml.model", "llama").Add("tokenizer.ggml.tokens", "a", "b").Add("tokenizer.ggml.scores", [0f])), StringComparison.Ordinal);
        Assert.Contains("merges", Fault(new GgufWriter().Add("tokenizer.ggml.model", "gpt2").Add("tokenizer.ggml.tokens", "a", "b")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_what_is_read_encodes()
    {
        foreach ((string name, GgufWriter file) in Kinds())
        {
            foreach (byte[] damaged in Mutation.Of(file.ToArray(), 120, "gguf vocabulary " + name))
            {
                try
                {
                    TokenizerPipeline tokenizer = Read(damaged);
                    tokenizer.Decode([.. Encode(tokenizer, "abc <s> dé\n12345", withSpecial: true)], skipSpecialTokens: false);
                }
                catch (AthanorException)
                {
                }
            }
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("\u0301")]
    [InlineData("1")]
    [InlineData("\n")]
    public void No_long_text_takes_more_than_its_length_deserves(string letter)
    {
        string text = string.Concat(Enumerable.Repeat(letter, 30_000));
        foreach ((_, GgufWriter file) in Kinds())
        {
            Assert.NotNull(Encode(Read(file.ToArray()), text, withSpecial: true));
        }
    }

    private static IEnumerable<(string Name, GgufWriter File)> Kinds()
    {
        yield return ("llama", SentencePieces());
        foreach (string pre in (string[])["gpt-2", "llama-bpe", "deepseek-llm", "gpt-4o", "superbpe", "kimi-k2", "gemma4"])
        {
            yield return (pre, new GgufWriter().Add("tokenizer.ggml.model", "gpt2").Add("tokenizer.ggml.pre", pre)
                .Add("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", .. Letters, "ab", "abc", "Ġ", "Ċ", "1", "<x>", "<0x31>"])
                .Add("tokenizer.ggml.token_type", [2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 6])
                .Add("tokenizer.ggml.merges", "a b", "ab c", "x y"));
        }

        yield return ("bert", new GgufWriter().Add("tokenizer.ggml.model", "bert")
            .Add("tokenizer.ggml.tokens", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", .. Letters, "▁a", "▁abc", "▁<", "▁x", "▁>"])
            .Add("tokenizer.ggml.unknown_token_id", 1).Add("tokenizer.ggml.bos_token_id", 2).Add("tokenizer.ggml.seperator_token_id", 3));
        yield return ("t5", new GgufWriter().Add("tokenizer.ggml.model", "t5")
            .Add("tokenizer.ggml.tokens", ["<pad>", "</s>", "<unk>", "▁", .. Letters, "abc", "<x>"])
            .Add("tokenizer.ggml.token_type", [3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4])
            .Add("tokenizer.ggml.scores", [0, 0, 0, -1, -2, -2, -2, -3, -3, -3, -3, -3, -4, 0f])
            .Add("tokenizer.ggml.add_space_prefix", true));
        yield return ("rwkv", new GgufWriter().Add("tokenizer.ggml.model", "rwkv").Add("tokenizer.ggml.tokens", ["<s>", .. Letters, "abc", "\\n", "\\x20", "\\\\", "<"]).Add("tokenizer.ggml.unknown_token_id", 0));
        yield return ("plamo2", new GgufWriter().Add("tokenizer.ggml.model", "plamo2")
            .Add("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", .. Letters, "abc", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")])
            .Add("tokenizer.ggml.token_type", [2, 3, 3, .. Enumerable.Repeat(1, 9), .. Enumerable.Repeat(6, 256)])
            .Add("tokenizer.ggml.scores", [.. Enumerable.Repeat(-1f, 268)]));
    }

    private static GgufWriter SentencePieces() => new GgufWriter().Add("tokenizer.ggml.model", "llama")
        .Add("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "<x>", "▁", .. Letters, "▁a", "ab", "abc", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")])
        .Add("tokenizer.ggml.token_type", [2, 3, 3, 4, .. Enumerable.Repeat(1, 12), .. Enumerable.Repeat(6, 256)])
        .Add("tokenizer.ggml.scores", [0, 0, 0, 0, .. Enumerable.Repeat(-2f, 9), -1, -1, -0.5f, .. new float[256]]);

    private static TokenizerPipeline Read(byte[] file) => GgufVocabulary.Read(GgufMetadata.Read(new MemoryStream(file), "x.gguf"));

    private static string Fault(GgufWriter file) => Assert.Throws<AthanorException>(() => Read(file.ToArray())).Message;

    private static List<int> Encode(TokenizerPipeline tokenizer, string text, bool withSpecial)
    {
        List<int> ids = [];
        tokenizer.EncodeIds(text, withSpecial, ids);
        return ids;
    }

    private static int Id(TokenizerPipeline tokenizer, string token) => tokenizer.TryGetId(token, out int id) ? id : -1;
}
