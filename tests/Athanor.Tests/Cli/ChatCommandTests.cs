using System.CommandLine;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Tests.Generation;
using Athanor.Tokenization.Chat;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class ChatCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("athanor-chat-").FullName;

    public ChatCommandTests() => AtomicFile.WriteText(Path.Combine(_folder, "config.json"), "{}");

    [Fact]
    public async Task Piped_questions_get_plain_answers()
    {
        FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt.Contains("second", StringComparison.Ordinal) ? "two" : "one");
        (int code, string output, string error) = await ChatAsync(model, "first\n\nthe second\n");
        Assert.Equal((0, "one\ntwo\n", ""), (code, output, error));
    }

    [Fact]
    public async Task A_question_may_go_over_several_lines()
    {
        FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt);
        (_, string output, _) = await ChatAsync(model, "first\\\nsecond\n");
        Assert.Contains("<|user|>first\nsecond<|assistant|>", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_change_the_conversation()
    {
        FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt.Replace("<|endoftext|>", "", StringComparison.Ordinal));
        string saved = Path.Combine(_folder, "saved.jsonl");
        (_, string output, string error) = await ChatAsync(model, $"/system S\nq1\n/reset\n/system\nq2\n/retry\n/save {saved}\n/exit\nq3\n");
        Assert.Equal("<|system|>S<|user|>q1<|assistant|>\n<|user|>q2<|assistant|>\n<|user|>q2<|assistant|>\n", output);
        Assert.Contains("saved 2 turns", error, StringComparison.Ordinal);
        JsonElement messages = JsonDocument.Parse(await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken)).RootElement.GetProperty("messages");
        Assert.Equal(("user", "q2"), (messages[0].GetProperty("role").GetString(), messages[0].GetProperty("content").GetString()));
    }

    [Theory]
    [InlineData("/temperature hot", "needs a number")]
    [InlineData("/temperature -1", "outside its range")]
    [InlineData("/max-tokens 0", "outside its range")]
    [InlineData("/memory -1", "below 0")]
    [InlineData("/memory much", "needs a number")]
    [InlineData("/retry", "no question")]
    [InlineData("/save", "names no file")]
    [InlineData("/save /", "is a folder")]
    [InlineData("/frobnicate", "there is no command /frobnicate")]
    public async Task A_wrong_command_is_told_and_the_chat_goes_on(string command, string fault)
    {
        (int code, string output, string error) = await ChatAsync(FakeLanguageModel.Saying("fine"), $"{command}\nhello\n");
        Assert.Equal((0, "fine\n"), (code, output));
        Assert.Contains(fault, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_is_what_the_introduction_says_until_a_command_changes_it()
    {
        new ModelIntroduction { Memory = 0 }.Write(_folder);
        FakeLanguageModel model = FakeLanguageModel.Answering(prompt => $"{prompt.Count(letter => letter == '?')}");
        (_, string output, string error) = await ChatAsync(model, "a?\nb?\n/memory 1\nc?\n/memory all\nd?\n");
        Assert.Equal("1\n1\n2\n4\n", output);
        Assert.Contains("all earlier exchanges", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_changed_by_commands_hold_for_the_next_answer()
    {
        (_, string output, string error) = await ChatAsync(FakeLanguageModel.Saying("a long answer"), "/max-tokens 6\n/temperature 0\n/seed 4\nhello\n/help\n");
        Assert.Equal("a long\n", output);
        Assert.Contains("cut after 6 tokens", error, StringComparison.Ordinal);
        Assert.Contains("(now 4)", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_characters_of_an_answer_do_not_reach_the_terminal()
    {
        (_, string output, _) = await ChatAsync(FakeLanguageModel.Saying("a\e[2Jb\tc"), "hello\n");
        Assert.Equal("a\uFFFD[2Jb\tc\n", output);
    }

    [Fact]
    public async Task Ctrl_C_stops_the_answer_and_twice_without_one_leaves()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("an answer that is stopped");
        using ChatSession session = new(model, ChatTemplate.For(model.Tokenizer), GenerationSettings.Greedy);
        using BlockingReader input = new("hello");
        using WatchedWriter output = new();
        using ChatLoop loop = new(session, input, output, TextWriter.Null, interactive: true);
        output.OnWrite = written =>
        {
            if (written.EndsWith("an answer", StringComparison.Ordinal))
            {
                Assert.True(loop.Interrupt());
            }
        };
        Task run = loop.RunAsync(TestContext.Current.CancellationToken);
        await input.Waiting.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("an answer", session.Messages[^1].Content);
        Assert.True(loop.Interrupt());
        Assert.False(run.IsCompleted);
        Assert.True(loop.Interrupt());
        await run.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("(stopped)", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("once more leaves", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_header_tells_size_training_and_what_to_try()
    {
        LanguageModelInfo info = new("small", 256, 4096, 1_240_000);
        string plain = string.Join('\n', ChatHeader.Lines(info, null, null));
        Assert.Contains("small: 1.2 million parameters, a context of 256 tokens", plain, StringComparison.Ordinal);
        Assert.Contains("What can you do?", plain, StringComparison.Ordinal);
        string own = string.Join('\n', ChatHeader.Lines(info, null, new ModelIntroduction { Learnt = ["sums of small numbers"], Questions = ["1 + 1 = ?"] }));
        Assert.Contains("sums of small numbers", own, StringComparison.Ordinal);
        Assert.Contains("  1 + 1 = ?", own, StringComparison.Ordinal);
        Assert.DoesNotContain("What can you do?", own, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_an_introduction_tells_what_its_training_measured_last()
    {
        AtomicFile.WriteText(Path.Combine(_folder, "metrics.jsonl"), """
            {"step": 1, "seconds": 1, "values": {"ability/chains.step": 0.1, "ability/dates": 0.9}}
            {"step": 2, "seconds": 2, "values": {"ability/chains.step": 0.93, "ability/operations": 0.5, "ability/chains.step.operand": 1}}
            {"step": 3, "seconds": 3, "values": {"train/loss": 1.5}}

            """);
        ModelIntroduction introduction = MeasuredAbilities.Introduction(_folder)!;
        Assert.Equal("sums and differences of small numbers, step by step: 93 % right of what it had not seen", Assert.Single(introduction.Learnt));
        Assert.Equal(["Step by step: 7 + 8 - 3 + 9 = ?", "What can you do?"], introduction.Questions);
        Assert.Equal(0, introduction.Memory);
    }

    [Fact]
    public void A_model_that_was_taught_dialogues_remembers_all_that_fits()
    {
        AtomicFile.WriteText(Path.Combine(_folder, "metrics.jsonl"), """
            {"step": 1, "seconds": 1, "values": {"validation/dialogues/loss": 2}}
            {"step": 2, "seconds": 2, "values": {"ability/chains.step": 0.93}}

            """);
        Assert.Null(MeasuredAbilities.Introduction(_folder)!.Memory);
    }

    [Fact]
    public void Damaged_curves_do_not_keep_from_talking()
    {
        AtomicFile.WriteText(Path.Combine(_folder, "metrics.jsonl"), "{\n{}\n{\"step\": ");
        Assert.Null(MeasuredAbilities.Introduction(_folder));
    }

    [Theory]
    [InlineData("nowhere", "no model nowhere")]
    [InlineData("config.json", "is a file")]
    [InlineData("empty", "holds no model")]
    public async Task A_model_that_is_not_there_is_one_clear_fault(string model, string fault)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        (int code, string output, string error) = await ChatAsync(FakeLanguageModel.Saying("x"), "hello\n", model == "nowhere" ? model : Path.Combine(_folder, model));
        Assert.Equal((CommandFrame.Fault, ""), (code, output));
        Assert.Contains(fault, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_means_its_last_model()
    {
        foreach ((string name, ArtifactKind kind, int minute) in (IEnumerable<(string, ArtifactKind, int)>)[("a-tune", ArtifactKind.Model, 3), ("pretrain", ArtifactKind.Model, 1), ("scores", ArtifactKind.Scores, 5)])
        {
            string stage = Path.Combine(_folder, "run", name);
            Directory.CreateDirectory(stage);
            AtomicFile.WriteText(Path.Combine(stage, "config.json"), "{}");
            AtomicFile.WriteText(Path.Combine(stage, ArtifactManifest.FileName), JsonSerializer.Serialize(
                new ArtifactManifest
                {
                    Kind = kind,
                    Key = name,
                    Stage = name,
                    StageVersion = 1,
                    Settings = JsonDocument.Parse("{}").RootElement,
                    Inputs = new Dictionary<string, string>(),
                    Files = new Dictionary<string, ArtifactFile>(),
                    Cost = new ArtifactCost(1, 1, 1, 1),
                    Machine = new MachineFacts("", 1, 1, "", "", ""),
                    Created = new DateTimeOffset(2026, 1, 1, 0, minute, 0, TimeSpan.Zero),
                },
                Artifact.Json));
        }

        Assert.Equal(Path.Combine(_folder, "run", "a-tune"), ModelFolder.Find(Path.Combine(_folder, "run")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(int Code, string Output, string Error)> ChatAsync(FakeLanguageModel model, string input, string? folder = null)
    {
        using StringReader reader = new(input);
        using StringWriter output = new();
        using StringWriter error = new();
        RootCommand root = new() { ChatCommand.Create(() => new FakeLoader(model), reader) };
        int code = await CommandFrame.RunAsync(root, ["chat", folder ?? _folder], output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Gives its lines, then blocks as a console does.</summary>
    private sealed class BlockingReader(params string[] lines) : TextReader
    {
        private readonly TaskCompletionSource _waiting = new();
        private readonly ManualResetEventSlim _closed = new();
        private int _next;

        public Task Waiting => _waiting.Task;

        public override string? ReadLine()
        {
            if (_next < lines.Length)
            {
                return lines[_next++];
            }

            _waiting.TrySetResult();
            _closed.Wait();
            return null;
        }

        protected override void Dispose(bool disposing)
        {
            _closed.Set();
            base.Dispose(disposing);
        }
    }

    private sealed class WatchedWriter : StringWriter
    {
        public Action<string> OnWrite { get; set; } = _ => { };

        public override async Task WriteAsync(string? value)
        {
            await base.WriteAsync(value);
            OnWrite(ToString());
        }
    }
}
