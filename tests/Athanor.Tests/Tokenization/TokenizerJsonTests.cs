using System.Text;
using System.Text.Json.Nodes;
using Athanor.Core.Errors;
using Athanor.Tokenization;
using Athanor.Tokenization.Files;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class TokenizerJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder[Tokenizer.FileName];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tokenizer_is_the_same_after_writing_and_reading()
    {
        TokenizerFixture.Tokenizer.Save(File);
        Tokenizer read = Tokenizer.Load(_folder.Path);

        Assert.All(TokenizerFixture.HardStrings.Concat(TokenizerFixture.Texts), text => Assert.Equal(TokenizerFixture.Tokenizer.Encode(text), read.Encode(text)));
        Assert.All(TokenizerFixture.HardStrings, text => Assert.Equal(TokenizerFixture.Tokenizer.EncodeWithSpecialTokens(text), read.EncodeWithSpecialTokens(text)));
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        read.Save(File);
        Assert.Equal(bytes, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public void Merges_may_be_written_with_a_blank_between_the_tokens()
    {
        TokenizerFixture.Tokenizer.Save(File);
        Rewrite(root => root["model"]!["merges"] = new JsonArray([.. root["model"]!["merges"]!.AsArray().Select(pair => (JsonNode)$"{pair![0]} {pair[1]}")]));
        Assert.Equal(TokenizerFixture.Tokenizer.Merges, Tokenizer.Load(File).Merges);
    }

    [Fact]
    public void What_this_version_does_not_know_is_refused_by_name()
    {
        Refused(root => root["version"] = "2.0", "2.0");
        Refused(root => root["normalizer"] = new JsonObject { ["type"] = "Rot13" }, "Rot13");
        Refused(root => root["normalizer"] = new JsonObject { ["type"] = "NFC", ["twice"] = true }, "twice");
        Refused(root => root["post_processor"] = new JsonObject { ["type"] = "Confetti" }, "post_processor has the type Confetti");
        Refused(root => root["truncation"] = new JsonObject { ["max_length"] = 5, ["stride"] = 0, ["strategy"] = "Random" }, "truncation.strategy");
        Refused(root => root["padding"] = new JsonObject { ["strategy"] = "Longest" }, "padding.strategy");
        Refused(root => root["pre_tokenizer"]!["type"] = "Guess", "Guess");
        Refused(root => root["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = "(", "pre_tokenizer.pretokenizers[0].pattern");
        Refused(root => root["pre_tokenizer"]!["pretokenizers"]![0]!["behavior"] = "Doubled", "Doubled");
        Refused(root => root["pre_tokenizer"]!["pretokenizers"]![1]!["add_prefix_space"] = "yes", "pre_tokenizer.pretokenizers[1].add_prefix_space");
        Refused(root => root["decoder"] = new JsonObject { ["type"] = "Morse" }, "Morse");
        Refused(root => root["model"]!["type"] = "Markov", "Markov");
        Refused(root => root["model"]!["type"] = "WordLevel", "merges");
        Refused(root => root["model"]!["dropout"] = 1.5, "model.dropout");
        Refused(root => root["model"]!["surprise"] = true, "surprise");
        Refused(root => root["added_tokens"]![0]!["lstrip"] = 1, "added_tokens[0].lstrip");
        Refused(root => root["surprise"] = 1, "surprise");
    }

    [Fact]
    public void What_contradicts_itself_is_refused_with_the_place()
    {
        Refused(root => root["model"]!["vocab"]!["!"] = 6, "same id");
        Refused(root => root["model"]!["vocab"]!["!"] = 2_000_000_000, "2000000000");
        Refused(root => root["model"]!["vocab"]!["!"] = -1, "!");
        Refused(root => root["model"]!["merges"]!.AsArray().Add(new JsonArray("!", "nonsense")), "nonsense");
        Refused(root => root["added_tokens"]![1]!["id"] = 77, "77");
        Refused(root => root["added_tokens"]![1]!["content"] = "<|new|>", "<|new|>");
        Refused(root => root.AsObject().Remove("model"), "model");
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused()
    {
        TokenizerFixture.Tokenizer.Save(File);
        byte[] original = System.IO.File.ReadAllBytes(File);
        int refused = 0;
        foreach (byte[] mutant in Mutation.Of(original, 500, "tokenizer.json"))
        {
            System.IO.File.WriteAllBytes(File, mutant);
            try
            {
                Tokenizer tokenizer = Tokenizer.Load(File);
                Assert.Equal("some text", tokenizer.Decode(tokenizer.Encode("some text")));
            }
            catch (AthanorException exception)
            {
                Assert.StartsWith(File, exception.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', exception.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 300, 500);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"model\": \"\\ud800\"}")]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": [], \"merges\": {}}}")]
    public void Nonsense_is_refused(string text)
    {
        System.IO.File.WriteAllText(File, text);
        Assert.Throws<AthanorException>(() => Tokenizer.Load(File));
        Assert.Throws<AthanorException>(() => Tokenizer.Load(_folder["missing"]));
    }

    [Fact]
    public void A_folder_has_what_transformers_reads()
    {
        TokenizerFolder.Write(TokenizerFixture.Tokenizer, _folder.Path, contextLength: 256);
        JsonNode config = JsonNode.Parse(System.IO.File.ReadAllText(_folder[TokenizerFolder.ConfigFileName]))!;
        Assert.Equal("PreTrainedTokenizerFast", (string?)config["tokenizer_class"]);
        Assert.Equal(256, (int?)config["model_max_length"]);
        Assert.Equal("<|end|>", (string?)config["eos_token"]);
        Assert.Contains("add_generation_prompt", (string?)config["chat_template"], StringComparison.Ordinal);
        Assert.Equal("<|end|>", (string?)config["added_tokens_decoder"]!["1"]!["content"]);
        JsonNode map = JsonNode.Parse(System.IO.File.ReadAllText(_folder[TokenizerFolder.SpecialTokensFileName]))!;
        Assert.Equal("<|endoftext|>", (string?)map["bos_token"]);
    }

    private void Refused(Action<JsonNode> change, string named)
    {
        TokenizerFixture.Tokenizer.Save(File);
        Rewrite(change);
        AthanorException fault = Assert.Throws<AthanorException>(() => Tokenizer.Load(File));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    private void Rewrite(Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(System.IO.File.ReadAllText(File))!;
        change(root);
        System.IO.File.WriteAllText(File, root.ToJsonString(), new UTF8Encoding(false));
    }
}
