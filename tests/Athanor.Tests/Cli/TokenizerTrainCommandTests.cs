using System.CommandLine;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Core.Errors;
using Athanor.Tests.Tokenization;
using Athanor.Tokenization;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class TokenizerTrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizerTrainCommandTests()
    {
        Directory.CreateDirectory(_folder["texts"]);
        File.WriteAllText(_folder["texts/one.txt"], string.Join("\n\n", TokenizerFixture.Texts));
        File.WriteAllLines(_folder["texts/two.jsonl"], TokenizerFixture.Texts.Select(text => JsonSerializer.Serialize(new { body = text })));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tokenizer_is_learnt_from_files_of_several_kinds()
    {
        (int code, string output, string error) = await RunAsync(_folder["texts/one.txt"], _folder["texts/two.jsonl"], "--field", "body", "-o", _folder["out"], "--vocabulary", "400", "--memory", "200MB", "--json");
        Assert.True(code == 0, error);
        JsonElement told = JsonDocument.Parse(output).RootElement;
        Tokenizer tokenizer = Tokenizer.Load(told.GetProperty("path").GetString()!);
        Assert.Equal(400, told.GetProperty("tokens").GetInt32());
        Assert.Equal(400, tokenizer.VocabularySize);
        Assert.Equal("the collection", tokenizer.Decode(tokenizer.Encode("the collection")));
    }

    [Theory]
    [InlineData("--model", "bytes", "unigram")]
    [InlineData("--format", "onnx", "sentencepiece")]
    [InlineData("--memory", "much", "1GB")]
    public async Task A_choice_that_does_not_exist_is_refused_with_those_that_do(string option, string value, string cure)
    {
        (int code, _, string error) = await RunAsync(_folder["texts/one.txt"], "-o", _folder["out"], option, value);
        Assert.Equal(2, code);
        Assert.Contains(cure, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Theory]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("512mb", 512_000_000)]
    [InlineData("4000000", 4_000_000)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes) => Assert.Equal(bytes, TokenizerTrainCommand.ReadSize(text));

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("-1GB")]
    [InlineData("1XB")]
    [InlineData("12")]
    [InlineData("99999999999TB")]
    public void What_is_no_size_is_refused(string text) => Assert.Throws<AthanorException>(() => TokenizerTrainCommand.ReadSize(text));

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        RootCommand root = new("test") { TokenizerCommand.Create() };
        int code = await CommandFrame.RunAsync(root, ["tokenizer", "train", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
