using Athanor.Core.Errors;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;
using Microsoft.Extensions.AI;
using Xunit;

namespace Athanor.Tests.Generation;

public sealed class AthanorChatClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_conversation_is_answered_with_usage_and_reason()
    {
        using FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt);
        using AthanorChatClient client = new(model);
        ChatResponse response = await client.GetResponseAsync(
            [new(ChatRole.System, "S"), new(ChatRole.User, "a"), new(ChatRole.Assistant, "b"), new(ChatRole.User, "c")], new ChatOptions { Instructions = "I", Temperature = 0 }, Cancellation);
        Assert.Equal("<|endoftext|><|system|>I\nS<|user|>a<|assistant|>b<|end|><|user|>c<|assistant|>", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("fake", response.ModelId);
        Assert.Equal(13, response.Usage!.InputTokenCount);
        Assert.Equal(response.Text.Length, response.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task Streamed_updates_are_the_whole_answer()
    {
        using FakeLanguageModel model = FakeLanguageModel.Hashed(contextLength: 200);
        using AthanorChatClient client = new(model);
        ChatOptions options = new() { Seed = 3, Temperature = 1, TopP = 1, MaxOutputTokens = 25 };
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new(ChatRole.User, "hi")], options, Cancellation))
        {
            updates.Add(update);
        }

        Assert.True(updates.Count > 3);
        Assert.Equal((await client.GetResponseAsync([new(ChatRole.User, "hi")], options, Cancellation)).Text, string.Concat(updates.Select(update => update.Text)));
    }

    [Fact]
    public async Task Every_option_of_sampling_is_honoured()
    {
        using FakeLanguageModel model = FakeLanguageModel.Hashed(contextLength: 300);
        using AthanorChatClient client = new(model, new GenerationSettings { MaximumTokens = 40 });
        async Task<string> Answer(ChatOptions? options = null) => (await client.GetResponseAsync([new(ChatRole.User, "hi")], options, Cancellation)).Text;
        string plain = await Answer();
        Assert.Equal(plain, await Answer());
        ChatOptions[] changes =
        [
            new() { Temperature = 0 }, new() { TopK = 2 }, new() { TopP = 0.1f }, new() { Seed = 8 }, new() { MaxOutputTokens = 3 }, new() { FrequencyPenalty = -5 },
            new() { PresencePenalty = -5 }, new() { StopSequences = [plain.Substring(3, 1)] }, new() { Instructions = "x" }, new() { AdditionalProperties = new() { ["min_p"] = 0.9 } },
            new() { RawRepresentationFactory = _ => new GenerationSettings { Seed = 77 } },
        ];
        foreach (ChatOptions change in changes)
        {
            Assert.NotEqual(plain, await Answer(change));
        }

        Assert.Equal(ChatFinishReason.Length, (await client.GetResponseAsync([new(ChatRole.User, "hi")], new ChatOptions { MaxOutputTokens = 1 }, Cancellation)).FinishReason);
    }

    public static TheoryData<string, ChatOptions> Refusals => new()
    {
        { "ConversationId", new ChatOptions { ConversationId = "1" } },
        { "Tools", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] } },
        { "ToolMode", new ChatOptions { ToolMode = ChatToolMode.RequireAny } },
        { "ResponseFormat", new ChatOptions { ResponseFormat = ChatResponseFormat.Json } },
        { "ModelId", new ChatOptions { ModelId = "other" } },
        { "Reasoning", new ChatOptions { Reasoning = new ReasoningOptions() } },
        { "RawRepresentationFactory", new ChatOptions { RawRepresentationFactory = _ => "text" } },
        { "logit_bias", new ChatOptions { AdditionalProperties = new() { ["logit_bias"] = 1 } } },
        { "min_p", new ChatOptions { AdditionalProperties = new() { ["min_p"] = "much" } } },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_cannot_be_honoured_is_refused_by_name(string name, ChatOptions options)
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("x");
        using AthanorChatClient client = new(model);
        Assert.Contains(name, (await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync([new(ChatRole.User, "hi")], options, Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_model_cannot_read_is_refused()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("x", contextLength: 50);
        using AthanorChatClient client = new(model);
        Task Ask(params ChatMessage[] messages) => client.GetResponseAsync(messages, cancellationToken: Cancellation);
        await Assert.ThrowsAsync<NotSupportedException>(() => Ask(new ChatMessage(ChatRole.User, [new DataContent(new byte[1], "image/png")])));
        await Assert.ThrowsAsync<NotSupportedException>(() => Ask(new ChatMessage(ChatRole.Tool, "1")));
        await Assert.ThrowsAsync<NotSupportedException>(() => Ask(new ChatMessage(ChatRole.User, "1"), new ChatMessage(ChatRole.System, "2"), new ChatMessage(ChatRole.User, "3")));
        await Assert.ThrowsAsync<ArgumentException>(() => Ask());
        await Assert.ThrowsAsync<ArgumentException>(() => Ask(new ChatMessage(ChatRole.Assistant, "1")));
        await Assert.ThrowsAsync<AthanorException>(() => Ask(new ChatMessage(ChatRole.User, new string('a', 30)), new ChatMessage(ChatRole.Assistant, "b"), new ChatMessage(ChatRole.User, new string('c', 30))));
    }

    [Fact]
    public async Task Calls_at_once_are_answered_one_after_the_other()
    {
        using FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt.Contains('7', StringComparison.Ordinal) ? "seven" : "other");
        using AthanorChatClient client = new(model);
        ChatResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => client.GetResponseAsync([new(ChatRole.User, $"{i}")], cancellationToken: Cancellation)));
        Assert.Equal([7], Enumerable.Range(0, 10).Where(i => responses[i].Text == "seven"));
    }

    [Fact]
    public void It_tells_what_it_is()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("x");
        using AthanorChatClient client = new(model);
        Assert.Equal("fake", ((ChatClientMetadata)client.GetService(typeof(ChatClientMetadata))!).DefaultModelId);
        Assert.Same(client, client.GetService(typeof(IChatClient)));
        Assert.Same(model, client.GetService(typeof(Athanor.Models.LanguageModels.ILanguageModel)));
        Assert.Null(client.GetService(typeof(IChatClient), "key"));
    }
}
