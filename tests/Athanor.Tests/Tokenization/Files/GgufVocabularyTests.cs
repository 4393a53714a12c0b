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
    public void Words_remembered_have_the_ids_of_the_text_cut_anew()
    {
        foreach ((string name, GgufWriter file) in Kinds())
        {
            TokenizerPipeline tokenizer = Read(file.ToArray());
            RandomStream random = new RandomStreams(20261124).Open("gguf words");
            string[] parts = [" ", "  ", "\n", "a", "ab", "abc", "abcd", "▁", "▁a", "ab▁", ".", "é", "e\u0301", "😀", "1", "123456", "<x", "don't", "数", "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbcccccccccc"];
            for (int draw = 0; draw < 400; draw++)
            {
                string text = string.Concat(Enumerable.Range(0, 1 + random.NextInt32(12)).Select(_ => parts[random.NextInt32(parts.Length)]));
                List<Piece> pieces = [];
                tokenizer.Model.Tokenize(text, pieces);
                Assert.True(pieces.Select(piece => piece.Id).SequenceEqual(Encode(tokenizer, text, withSpecial: false)), $"{name}: {text}");
            }
        }
    }

    [Fact]
    public void Pairs_of_the_highest_score_are_merged_first()
    {
        RandomStreams streams = new(20261124);
        for (int draw = 0; draw < 150; draw++)
        {
            // Every other vocabulary has tokens in which a word ends and another begins, or lacks a letter
            RandomStream random = streams.Open("gguf merges", draw);
            string letters = draw % 2 == 0 ? "abé" : "ab▁";
            Dictionary<string, float> tokens = new() { ["<unk>"] = 0, ["▁"] = -9, ["a"] = -9, ["b"] = -9 };
            while (tokens.Count < 30)
            {
                string token = (random.NextInt32(3) == 0 ? "▁" : "") + string.Concat(Enumerable.Range(0, 1 + random.NextInt32(4)).Select(_ => letters[random.NextInt32(letters.Length)]));
                tokens.TryAdd(token, -random.NextInt32(12));
            }

            TokenizerPipeline tokenizer = Read(new GgufWriter().Add("tokenizer.ggml.model", "llama").Add("tokenizer.ggml.tokens", [.. tokens.Keys])
                .Add("tokenizer.ggml.scores", [.. tokens.Values]).Add("tokenizer.ggml.add_space_prefix", false).ToArray());
            for (int round = 0; round < 8; round++)
            {
                string text = string.Concat(Enumerable.Range(0, random.NextInt32(round == 7 ? 300 : 20) + 1).Select(_ => "abé "[random.NextInt32(4)]));
                List<string> symbols = [.. text.Replace(' ', '▁').Select(letter => letter.ToString())];
                while (Enumerable.Range(0, symbols.Count - 1).Where(at => tokens.ContainsKey(symbols[at] + symbols[at + 1])).OrderByDescending(at => tokens[symbols[at] + symbols[at + 1]]).ThenBy(at => at)
                    .Cast<int?>().FirstOrDefault() is int best)
                {
                    symbols[best] += symbols[best + 1];
                    symbols.RemoveAt(best + 1);
                }

                string[] known = [.. tokens.Keys];
                int[] expected = [.. symbols.SelectMany(symbol => tokens.ContainsKey(symbol) ? [Array.IndexOf(known, symbol)] : Enumerable.Repeat(0, System.Text.Encoding.UTF8.GetByteCount(symbol)))];
                Assert.Equal(expected, Encode(tokenizer, text, withSpecial: false));
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated_for_words_never_seen()
    {
        foreach ((string name, GgufWriter file) in Kinds().Where(kind => kind.Name is not ("rwkv" or "plamo2")))
        {
            TokenizerPipeline tokenizer = Read(file.ToArray());
            List<int> ids = [];
            void Encode(string text)
            {
                ids.Clear();
                tokenizer.EncodeIds(text, withSpecial: false, ids);
            }

            Assert.True(NewWords.AllocatedBy(Encode, "gguf") == 0, name);
            Assert.NotEmpty(ids);
        }
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
