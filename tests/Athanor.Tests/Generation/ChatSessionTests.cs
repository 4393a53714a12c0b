using System.Text;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;
using Athanor.Tokenization.Chat;
using Xunit;

namespace Athanor.Tests.Generation;

public sealed class ChatSessionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Questions_and_answers_become_the_conversation()
    {
        using FakeLanguageModel model = FakeLanguageModel.Answering(prompt => prompt.Contains("second", StringComparison.Ordinal) ? "two" : "one");
        using ChatSession session = Open(model, instructions: "Be brief.");
        Assert.Equal("one", await Text(session.AskAsync("first", Cancellation)));
        Assert.Equal("two", await Text(session.AskAsync("second", Cancellation)));
        Assert.Equal(
            [new(ChatMessage.System, "Be brief."), new(ChatMessage.User, "first"), new(ChatMessage.Assistant, "one"), new(ChatMessage.User, "second"), new(ChatMessage.Assistant, "two")],
            session.Messages);
        Assert.Equal(FinishReason.StopToken, session.LastAnswer!.FinishReason);
    }

    [Fact]
    public async Task Earlier_turns_are_not_computed_again_and_the_answer_is_the_same()
    {
        using FakeLanguageModel model = FakeLanguageModel.Hashed(contextLength: 400);
        using ChatSession session = Open(model, settings: new GenerationSettings { MaximumTokens = 12, BadWords = [[0], [1], [2], [3], [4]], Temperature = 0 });
        for (int turn = 0; turn < 4; turn++)
        {
            string answer = await Text(session.AskAsync($"question {turn}", Cancellation));
            int[] prompt = ChatTemplate.For(model.Tokenizer).EncodePrompt([.. session.Messages.Take(session.Messages.Count - 1)]);
            Assert.Equal(new Generator(FakeLanguageModel.Hashed(contextLength: 400)).Generate([prompt], session.Settings, cancellation: Cancellation)[0].Text, answer);
            Assert.True(turn == 0 || session.ReusedTokens > 10 * turn);
        }
    }

    [Fact]
    public async Task When_the_context_is_full_the_oldest_turns_are_left_out()
    {
        List<string> prompts = [];
        using FakeLanguageModel model = FakeLanguageModel.Answering(prompt => Keep(prompts, prompt), contextLength: 60);
        using ChatSession session = Open(model, instructions: "Hm.");
        for (int turn = 0; turn < 5; turn++)
        {
            await Text(session.AskAsync($"question {turn}", Cancellation));
        }

        Assert.True(session.LeftOutTurns >= 4);
        Assert.Equal(0, session.LeftOutTurns % 2);
        Assert.StartsWith("<|endoftext|><|system|>Hm.<|user|>question ", prompts[^1], StringComparison.Ordinal);
        Assert.EndsWith("<|user|>question 4<|assistant|>", prompts[^1], StringComparison.Ordinal);
        Assert.Equal(11, session.Messages.Count);
    }

    [Theory]
    [InlineData(0, "<|endoftext|><|system|>S<|user|>q3<|assistant|>")]
    [InlineData(1, "<|endoftext|><|system|>S<|user|>q2<|assistant|>ok<|end|><|user|>q3<|assistant|>")]
    [InlineData(int.MaxValue, "<|endoftext|><|system|>S<|user|>q1<|assistant|>ok<|end|><|user|>q2<|assistant|>ok<|end|><|user|>q3<|assistant|>")]
    [InlineData(null, "<|endoftext|><|system|>S<|user|>q1<|assistant|>ok<|end|><|user|>q2<|assistant|>ok<|end|><|user|>q3<|assistant|>")]
    public async Task The_model_is_shown_as_many_earlier_exchanges_as_its_memory_says(int? memory, string prompt)
    {
        List<string> prompts = [];
        using FakeLanguageModel model = FakeLanguageModel.Answering(text => Keep(prompts, text));
        using ChatSession session = Open(model, instructions: "S");
        session.Memory = memory;
        foreach (string question in (string[])["q1", "q2", "q3"])
        {
            await Text(session.AskAsync(question, Cancellation));
        }

        Assert.Equal(prompt, prompts[^1]);
        Assert.Equal(7, session.Messages.Count);
    }

    [Fact]
    public async Task A_question_longer_than_the_context_is_refused_and_leaves_the_conversation_as_it_was()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("fine", contextLength: 40);
        using ChatSession session = Open(model);
        await Text(session.AskAsync("hello", Cancellation));
        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(() => Text(session.AskAsync(new string('x', 50), Cancellation)));
        Assert.Contains("the model's context holds 40", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, session.Messages.Count);
        Assert.Equal("fine", await Text(session.AskAsync("hello", Cancellation)));
    }

    [Fact]
    public async Task A_stopped_answer_stays_as_far_as_it_came()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("a long answer");
        using ChatSession session = Open(model);
        using CancellationTokenSource source = new();
        StringBuilder text = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (string piece in session.AskAsync("tell", source.Token))
            {
                text.Append(piece);
                if (text.Length == 6)
                {
                    await source.CancelAsync();
                }
            }
        });
        Assert.Equal("a long", session.Messages[^1].Content);
        Assert.Equal(FinishReason.Cancelled, session.LastAnswer!.FinishReason);
        Assert.Equal("a long answer", await Text(session.AskAsync("again", Cancellation)));
    }

    [Fact]
    public async Task Asking_again_replaces_the_answer_with_other_random_numbers()
    {
        using FakeLanguageModel model = FakeLanguageModel.Hashed(contextLength: 300);
        using ChatSession session = Open(model, settings: new GenerationSettings { MaximumTokens = 20, BadWords = [[0], [1], [2], [3], [4]] });
        string first = await Text(session.AskAsync("hello", Cancellation));
        string second = await Text(session.RetryAsync(Cancellation));
        Assert.NotEqual(first, second);
        Assert.Equal([new(ChatMessage.User, "hello"), new(ChatMessage.Assistant, second)], session.Messages);
    }

    [Fact]
    public void Without_a_question_there_is_nothing_to_ask_again()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("");
        using ChatSession session = Open(model);
        Assert.Throws<AthanorException>(() => session.RetryAsync(Cancellation));
    }

    [Fact]
    public async Task The_default_settings_break_loops()
    {
        // a model that can only say one thing, and knows a little of another
        FakeLanguageModel model = new(400, (taken, logits) =>
        {
            logits.Clear();
            logits[FakeLanguageModel.FirstByte + "ab"[taken.Count % 2]] = 20;
            logits[FakeLanguageModel.End] = 12;
        });
        using ChatSession session = Open(model, settings: GenerationSettings.Chat);
        Assert.InRange((await Text(session.AskAsync("hello", Cancellation))).Length, 5, 7);
    }

    private static string Keep(List<string> prompts, string prompt)
    {
        if (prompts.Count == 0 || prompts[^1] != prompt)
        {
            prompts.Add(prompt);
        }

        return "ok";
    }

    private static ChatSession Open(FakeLanguageModel model, GenerationSettings? settings = null, string? instructions = null) =>
        new(model, ChatTemplate.For(model.Tokenizer), settings ?? GenerationSettings.Greedy, instructions);

    private static async Task<string> Text(IAsyncEnumerable<string> pieces)
    {
        StringBuilder text = new();
        await foreach (string piece in pieces)
        {
            text.Append(piece);
        }

        return text.ToString();
    }
}
