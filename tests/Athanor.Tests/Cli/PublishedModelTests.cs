using System.CommandLine;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Core.Documents;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Tests.Evaluation;
using Athanor.Tests.Tokenization;
using Athanor.Torch.LanguageModels;
using Xunit;

namespace Athanor.Tests.Cli;

/// <summary>Folders as others publish them, opened from disk: a tiny LLaMA with its own tokenizer, template and special tokens.</summary>
public sealed class PublishedModelTests : IDisposable
{
    private static readonly TorchLanguageModelLoader Loader = new();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("headers")]
    [InlineData("marks")]
    [InlineData("brackets")]
    public async Task A_chat_goes_over_turns_and_answers_as_if_each_prompt_were_read_anew(string style)
    {
        PublishedModels.Write(_folder.Path, style);
        using ILanguageModel model = Loader.Load(_folder.Path);
        GenerationSettings settings = GenerationSettings.Greedy with { MaximumTokens = 12, StopTokens = model.ChatTemplate.StopTokenIds };
        using ChatSession session = new(model, model.ChatTemplate, settings);
        for (int turn = 0; turn < 3; turn++)
        {
            string answer = string.Concat(await session.AskAsync($"value {turn}", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
            ChatMessage[] asked = [.. session.Messages.Take(session.Messages.Count - 1)];
            int[] prompt = model.ChatTemplate.EncodePrompt(asked);
            Assert.Equal(new Generator(model).Generate([prompt], settings, cancellation: TestContext.Current.CancellationToken)[0].Text, answer);

            // all that the last prompt wrote is there still
            Assert.True(turn == 0 || session.ReusedTokens >= model.ChatTemplate.EncodePrompt(asked[..^2]).Length - 1, $"{session.ReusedTokens}");
        }
    }

    [Fact]
    public async Task Chat_and_generate_take_the_folder_as_it_is()
    {
        PublishedModels.Write(_folder.Path, "marks");
        (int code, string output, string error) = await RunAsync("the value\nwhen\n", "chat", _folder.Path, "--max-tokens", "4", "--system", "Be brief.");
        Assert.Equal(0, code);
        Assert.True(output.Count(letter => letter == '\n') >= 2 && !error.Contains("template", StringComparison.Ordinal), error);
        Assert.Equal((0, ""), Quiet(await RunAsync("", "generate", _folder.Path, "--chat", "--prompt", "the value", "--max-tokens", "4")));
        Assert.Equal((0, ""), Quiet(await RunAsync("", "generate", _folder.Path, "--prompt", "the value", "--max-tokens", "4")));
    }

    [Fact]
    public async Task A_base_model_does_not_chat_but_goes_on_with_a_text()
    {
        PublishedModels.Write(_folder.Path, "headers", withTemplate: false);
        (int code, string output, string error) = await RunAsync("the value\n", "chat", _folder.Path);
        Assert.Equal((CommandFrame.Fault, ""), (code, output));
        Assert.Contains("has no chat template", error, StringComparison.Ordinal);
        Assert.Contains("athanor generate", error, StringComparison.Ordinal);
        Assert.Equal((0, ""), Quiet(await RunAsync("", "generate", _folder.Path, "--prompt", "the value", "--max-tokens", "4")));
    }

    [Fact]
    public async Task A_template_without_instructions_says_so_before_the_first_question()
    {
        PublishedModels.Write(_folder.Path, "brackets");
        (int code, string output, string error) = await RunAsync("the value\n", "chat", _folder.Path, "--system", "Be brief.");
        Assert.Equal((CommandFrame.Fault, ""), (code, output));
        Assert.Contains("refuses instructions", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluation_asks_a_chat_model_everything_and_a_base_model_what_running_text_can_tell()
    {
        using EvaluationCorpus corpus = new();
        corpus.Open();
        PublishedModels.Write(_folder["chat"], "headers");
        PublishedModels.Write(_folder["base"], "headers", withTemplate: false);
        Assert.Equal(["bits_per_byte/conversations", "bits_per_byte/documentation", "operations/"], await ScoresAsync("chat", corpus));
        Assert.Equal(["bits_per_byte/documentation"], await ScoresAsync("base", corpus));
        (int code, _, string error) = await RunAsync("", "eval", _folder["base"], "--corpus", corpus.Folder, "--tasks", "operations");
        Assert.Equal(CommandFrame.Fault, code);
        Assert.Contains("has no chat template", error, StringComparison.Ordinal);
    }

    private async Task<string[]> ScoresAsync(string model, EvaluationCorpus corpus)
    {
        (int code, string output, string error) = await RunAsync("", "eval", _folder[model], "--corpus", corpus.Folder, "--tasks", "operations,bits_per_byte", "--shots", "2", "--limit", "3", "--json");
        Assert.True(code == 0, error);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("scores").EnumerateArray().Select(score => $"{score.GetProperty("task")}/{(score.TryGetProperty("group", out JsonElement group) ? group : "")}").Distinct().Order(StringComparer.Ordinal)];
    }

    private static (int, string) Quiet((int Code, string Output, string Error) ran) => (ran.Code, ran.Error);

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        using StringReader reader = new(input);
        using StringWriter output = new();
        using StringWriter error = new();
        RootCommand root = new() { ChatCommand.Create(() => Loader, reader), GenerateCommand.Create(() => Loader, reader), EvalCommand.Create(() => Loader) };
        int code = await CommandFrame.RunAsync(root, arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
