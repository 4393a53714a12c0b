using System.CommandLine;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Core.Files;
using Athanor.Tests.Generation;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class GenerateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("athanor-generate-").FullName;

    public GenerateCommandTests() => AtomicFile.WriteText(Path.Combine(_folder, "config.json"), "{}");

    [Fact]
    public async Task A_prompt_is_continued()
    {
        (int code, string output, string error) = await GenerateAsync(FakeLanguageModel.Hashed(), "--prompt", "abc", "--max-tokens", "7", "--temperature", "0");
        Assert.Equal((0, ""), (code, error));
        Assert.NotEqual("", output.Trim());
        Assert.Equal(output, (await GenerateAsync(FakeLanguageModel.Hashed(), "--prompt", "abc", "--max-tokens", "7", "--temperature", "0")).Output);
    }

    [Fact]
    public async Task A_question_is_answered_as_in_a_chat()
    {
        FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt);
        Assert.Equal("<|endoftext|><|system|>S<|user|>abc<|assistant|>\n", (await GenerateAsync(model, "--prompt", "abc", "--chat", "--system", "S")).Output);
    }

    [Fact]
    public async Task A_prompt_may_come_from_standard_input()
    {
        FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt);
        Assert.Equal("<|endoftext|><|user|>from\ninput<|assistant|>\n", (await GenerateAsync(model, "--prompt", "-", "--chat")).Output);
        Assert.Equal("<|endoftext|><|user|>from\ninput<|assistant|>\n", (await GenerateAsync(model, "--chat")).Output);
    }

    [Fact]
    public async Task Several_answers_are_told_apart()
    {
        (_, string output, _) = await GenerateAsync(FakeLanguageModel.Saying("yes"), "--chat", "--prompt", "a", "--prompt", "b", "--n", "2");
        Assert.Equal("--- prompt 1 answer 1\nyes\n\n--- prompt 1 answer 2\nyes\n\n--- prompt 2 answer 1\nyes\n\n--- prompt 2 answer 2\nyes\n", output);
    }

    [Fact]
    public async Task Json_is_a_line_an_answer()
    {
        (_, string output, _) = await GenerateAsync(FakeLanguageModel.Saying("größer"), "--chat", "--prompt", "a", "--n", "3", "--json");
        JsonElement[] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal([0, 1, 2], lines.Select(line => line.GetProperty("sample").GetInt32()));
        Assert.All(lines, line => Assert.Equal(("a", "größer", "stop_token", 8), (line.GetProperty("prompt").GetString(), line.GetProperty("text").GetString(), line.GetProperty("finish_reason").GetString(), line.GetProperty("tokens").GetArrayLength())));
    }

    [Fact]
    public async Task What_the_folder_says_holds_until_the_command_line_says_otherwise()
    {
        AtomicFile.WriteText(Path.Combine(_folder, "generation_config.json"), """{"max_new_tokens": 2}""");
        Assert.Equal("ye\n", (await GenerateAsync(FakeLanguageModel.Saying("yes"), "--chat", "--prompt", "a")).Output);
        Assert.Equal("yes\n", (await GenerateAsync(FakeLanguageModel.Saying("yes"), "--chat", "--prompt", "a", "--max-tokens", "9")).Output);
    }

    [Theory]
    [InlineData("temperature is -2", "--prompt", "a", "--temperature", "-2")]
    [InlineData("top-p is 2", "--prompt", "a", "--top-p", "2")]
    [InlineData("samples is 0", "--prompt", "a", "--n", "0")]
    [InlineData("without --chat", "--prompt", "a", "--system", "S")]
    [InlineData("standard input", "--prompt", "-", "--prompt", "-")]
    [InlineData("top-k", "--prompt", "a", "--top-k", "many")]
    [InlineData("the model's context holds 64", "--prompt", "0123456789012345678901234567890123456789012345678901234567890123456789")]
    public async Task A_wrong_command_line_is_refused(string fault, params string[] arguments)
    {
        (int code, string output, string error) = await GenerateAsync(FakeLanguageModel.Hashed(), arguments);
        Assert.Equal((CommandFrame.Fault, ""), (code, output));
        Assert.Contains(fault, error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(int Code, string Output, string Error)> GenerateAsync(FakeLanguageModel model, params string[] arguments)
    {
        using StringReader input = new("from\ninput\n");
        using StringWriter output = new();
        using StringWriter error = new();
        RootCommand root = new() { GenerateCommand.Create(() => new FakeLoader(model), input) };
        int code = await CommandFrame.RunAsync(root, ["generate", _folder, .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
