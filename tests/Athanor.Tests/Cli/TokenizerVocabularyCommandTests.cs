using System.CommandLine;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using Athanor.Tests.Core.Files;
using Athanor.Tests.Tokenization;
using Athanor.Tokenization;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class TokenizerVocabularyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizerVocabularyCommandTests()
    {
        TokenizerFixture.Tokenizer.Save(_folder["tokenizer.json"]);
        File.WriteAllBytes(_folder["small.gguf"], new GgufWriter().Add("tokenizer.ggml.model", "llama")
            .Add("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "b", "ab"])
            .Add("tokenizer.ggml.token_type", [2, 3, 3, .. Enumerable.Repeat(6, 256), 1, 1, 1, 1])
            .Add("tokenizer.ggml.scores", [0, 0, 0, .. new float[256], -1, -2, -3, -4f]).ToArray());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_GGUF_vocabulary_becomes_a_tokenizer_json()
    {
        (int code, string output, string error) = await RunAsync("convert", _folder["small.gguf"], _folder["out.json"], "--json");
        Assert.Equal((0, ""), (code, error));
        Assert.True(JsonDocument.Parse(output).RootElement.GetProperty("exact").GetBoolean());
        Assert.Equal(Tokenizer.Load(_folder["small.gguf"]).Encode("ab ba €"), Tokenizer.Load(_folder["out.json"]).Encode("ab ba €"));
    }

    [Fact]
    public async Task What_has_no_form_is_two_lines_and_code_2()
    {
        File.WriteAllBytes(_folder["rwkv.gguf"], new GgufWriter().Add("tokenizer.ggml.model", "rwkv").Add("tokenizer.ggml.tokens", "a").ToArray());
        (int code, _, string error) = await RunAsync("convert", _folder["rwkv.gguf"], _folder["out.json"]);
        Assert.Equal(2, code);
        Assert.Equal(2, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.False(File.Exists(_folder["out.json"]));
    }

    [Fact]
    public async Task A_model_is_written_with_its_new_vocabulary()
    {
        int size = TokenizerFixture.Tokenizer.VocabularySize;
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(size, 16, 8, 2, 2, 1, 4, 12, tiedHead: true));
        CheckpointWriter.Write(_folder["model"], plan, name => new float[plan[name].Count], SpecialTokenIds.None);
        (int code, string output, string error) = await RunAsync("add", _folder.Path, _folder["new"], "--token", "<|tool|>", "--model", _folder["model"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"{size + 1} tokens instead of {size}", output, StringComparison.Ordinal);
        using Checkpoint made = Checkpoint.Open(_folder["new"]);
        Assert.Equal(size + 1, made.Spec.VocabularySize);
        Assert.Equal(size + 1, Tokenizer.Load(_folder["new"]).VocabularySize);
    }

    [Fact]
    public async Task A_vocabulary_is_trimmed_to_files_of_text()
    {
        File.WriteAllText(_folder["a.txt"], "What is 7 + 8?\n");
        File.WriteAllText(_folder["b.jsonl"], """{"id": "1", "text": "The answer is 15."}""" + "\n");
        (int code, _, string error) = await RunAsync("trim", _folder["tokenizer.json"], _folder["new"], "--corpus", _folder["a.txt"], _folder["b.jsonl"]);
        Assert.Equal((0, ""), (code, error));
        Assert.True(Tokenizer.Load(_folder["new"]).VocabularySize < TokenizerFixture.Tokenizer.VocabularySize);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        RootCommand root = new("test") { TokenizerCommand.Create() };
        int code = await CommandFrame.RunAsync(root, ["tokenizer", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
