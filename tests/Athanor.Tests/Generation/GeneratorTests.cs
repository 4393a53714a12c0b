using System.Text;
using Athanor.Core.Errors;
using Athanor.Generation.Decoding;
using Xunit;

namespace Athanor.Tests.Generation;

public sealed class GeneratorTests
{
    private static readonly int[][] Prompts = [.. Enumerable.Range(0, 11).Select(i => FakeLanguageModel.Encode(new string((char)('a' + i), 1 + (i % 4)) + "?"))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Greedy_answers_are_what_taking_the_largest_logit_gives()
    {
        IReadOnlyList<GenerationResult> results = new Generator(FakeLanguageModel.Hashed(), 4).Generate(Prompts, GenerationSettings.Greedy with { MaximumTokens = 9 }, cancellation: Cancellation);
        Assert.Equal(Enumerable.Range(0, Prompts.Length), results.Select(result => result.Prompt));
        foreach (GenerationResult result in results)
        {
            List<int> tokens = [.. Prompts[result.Prompt]];
            using FakeLanguageModel alone = FakeLanguageModel.Hashed();
            using Athanor.Models.LanguageModels.IDecodingBatch batch = alone.OpenBatch(new(1, 64));
            Athanor.Models.LanguageModels.LogitsBuffer logits = new(1, FakeLanguageModel.Vocabulary);
            Athanor.Models.LanguageModels.SequenceHandle sequence = batch.Add([.. tokens]);
            for (int i = 0; i < 9; i++)
            {
                batch.Step([new(sequence, tokens[^1])], logits);
                tokens.Add(logits.Row(0).IndexOf(logits.Row(0).ToArray().Max()));
            }

            Assert.Equal(tokens.Skip(Prompts[result.Prompt].Length), result.Tokens);
            Assert.Equal(FinishReason.MaximumTokens, result.FinishReason);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void An_answer_does_not_depend_on_its_neighbours(int maximumSequences)
    {
        // stop tokens end answers at different times, so that places are given on
        GenerationSettings settings = new() { MaximumTokens = 20, Seed = 4, StopTokens = [.. Enumerable.Range(0, 40)], Samples = 2 };
        using FakeLanguageModel model = FakeLanguageModel.Hashed();
        IReadOnlyList<GenerationResult> results = new Generator(model, maximumSequences).Generate(Prompts, settings, cancellation: Cancellation);
        IReadOnlyList<GenerationResult> wide = new Generator(FakeLanguageModel.Hashed(), 1000).Generate(Prompts, settings, cancellation: Cancellation);
        Assert.Equal(wide.Select(Line), results.Select(Line));
        Assert.Equal(Math.Min(maximumSequences, 22), model.WidestPass);
        Assert.True(results.Select(result => result.Tokens.Count).Distinct().Count() > 2);
    }

    [Fact]
    public void A_greedy_answer_is_the_same_alone()
    {
        GenerationSettings settings = GenerationSettings.Greedy with { MaximumTokens = 12 };
        IReadOnlyList<GenerationResult> together = new Generator(FakeLanguageModel.Hashed()).Generate(Prompts, settings, cancellation: Cancellation);
        Assert.Equal(together.Select(result => result.Text), Prompts.Select(prompt => new Generator(FakeLanguageModel.Hashed()).Generate([prompt], settings, cancellation: Cancellation)[0].Text));
    }

    [Fact]
    public void Finished_sequences_give_their_places_to_the_next_prompts()
    {
        // answers of 1 to 8 letters: three places need about a third of the tokens as passes, not the longest answer for each three prompts
        using FakeLanguageModel model = FakeLanguageModel.Answering(prompt => new string('x', prompt.Length % 8));
        int[][] prompts = [.. Enumerable.Range(0, 24).Select(i => (int[])[.. FakeLanguageModel.Encode(new string('q', i)), FakeLanguageModel.Assistant])];
        IReadOnlyList<GenerationResult> results = new Generator(model, 3).Generate(prompts, GenerationSettings.Greedy with { StopTokens = [FakeLanguageModel.End] }, cancellation: Cancellation);
        int steps = results.Sum(result => result.Tokens.Count + 1);
        Assert.All(results, result => Assert.Equal(FinishReason.StopToken, result.FinishReason));
        Assert.InRange(model.Passes, steps / 3, (steps / 3) + 8);
    }

    [Fact]
    public void Samples_of_a_prompt_differ_and_do_not_depend_on_how_many_there_are()
    {
        GenerationSettings settings = new() { MaximumTokens = 8, Seed = 1 };
        using FakeLanguageModel model = FakeLanguageModel.Hashed();
        IReadOnlyList<GenerationResult> five = new Generator(model).Generate([Prompts[3]], settings with { Samples = 5 }, cancellation: Cancellation);
        Assert.Equal(5, five.Select(Line).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 5), five.Select(result => result.Sample));
        Assert.Equal(five.Take(2).Select(Line), new Generator(FakeLanguageModel.Hashed()).Generate([Prompts[3]], settings with { Samples = 2 }, cancellation: Cancellation).Select(Line));
        // the prompt is taken in once and forked
        Assert.Equal(Prompts[3].Length - 1 + (5 * 8), model.Computed);
    }

    [Fact]
    public void Another_seed_gives_another_answer()
    {
        string One(long seed) => Line(new Generator(FakeLanguageModel.Hashed()).Generate([Prompts[0]], new GenerationSettings { MaximumTokens = 8, Seed = seed }, cancellation: Cancellation)[0]);
        Assert.Equal(One(1), One(1));
        Assert.NotEqual(One(1), One(2));
    }

    [Fact]
    public async Task Streamed_pieces_are_the_whole_text()
    {
        foreach (int[] prompt in Prompts)
        {
            GenerationSettings settings = new() { MaximumTokens = 30, Seed = 9, StopStrings = ["A", "zz"] };
            string whole = new Generator(FakeLanguageModel.Hashed()).Generate([prompt], settings, cancellation: Cancellation)[0].Text;
            StringBuilder text = new();
            await foreach (string piece in new Generator(FakeLanguageModel.Hashed()).StreamAsync(prompt, settings, Cancellation))
            {
                text.Append(piece);
            }

            Assert.Equal(whole, text.ToString());
        }
    }

    [Fact]
    public void A_stop_string_is_found_across_tokens_and_is_no_part_of_the_text()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("one two EN three END four");
        GenerationResult result = new Generator(model).Generate([[FakeLanguageModel.Assistant]], GenerationSettings.Greedy with { StopStrings = ["END", "never"] }, cancellation: Cancellation)[0];
        Assert.Equal("one two EN three ", result.Text);
        Assert.Equal(FinishReason.StopString, result.FinishReason);
    }

    [Fact]
    public void Letters_of_several_tokens_come_out_whole()
    {
        using FakeLanguageModel model = FakeLanguageModel.Saying("größer 🙂 ende");
        GenerationResult result = new Generator(model).Generate([[FakeLanguageModel.Assistant]], GenerationSettings.Greedy with { StopTokens = [FakeLanguageModel.End] }, cancellation: Cancellation)[0];
        Assert.Equal("größer 🙂 ende", result.Text);
    }

    [Fact]
    public void A_row_of_the_model_that_is_no_token_is_never_chosen()
    {
        FakeLanguageModel model = new(64, (taken, logits) => logits[^1] = 90, vocabularySize: FakeLanguageModel.Vocabulary + 7);
        GenerationResult result = new Generator(model).Generate([FakeLanguageModel.Encode("ab")], new GenerationSettings { MaximumTokens = 20 }, cancellation: Cancellation)[0];
        Assert.All(result.Tokens, token => Assert.InRange(token, 0, FakeLanguageModel.Vocabulary - 1));
    }

    [Fact]
    public void An_answer_ends_where_the_context_is_full()
    {
        GenerationResult result = new Generator(FakeLanguageModel.Hashed(contextLength: 10)).Generate([FakeLanguageModel.Encode("abcd")], GenerationSettings.Greedy, cancellation: Cancellation)[0];
        Assert.Equal(6, result.Tokens.Count);
        Assert.Equal(FinishReason.ContextFull, result.FinishReason);
    }

    [Fact]
    public void A_prompt_that_fills_the_context_is_refused_with_its_number()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => new Generator(FakeLanguageModel.Hashed(contextLength: 5)).Generate([[7], FakeLanguageModel.Encode("abcde")], GenerationSettings.Greedy));
        Assert.Contains("prompt 2 of 2 has 5 tokens", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_prompt_is_refused() =>
        Assert.Contains("no tokens", Assert.Throws<AthanorException>(() => new Generator(FakeLanguageModel.Hashed()).Generate([[]], GenerationSettings.Greedy)).Message, StringComparison.Ordinal);

    [Fact]
    public void Cancelling_stops_between_two_steps()
    {
        using CancellationTokenSource source = new();
        FakeLanguageModel model = new(4096, (taken, logits) =>
        {
            logits.Clear();
            if (taken.Count == 20)
            {
                source.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => new Generator(model).Generate([[7]], GenerationSettings.Greedy with { MaximumTokens = 4000 }, cancellation: source.Token));
        Assert.Equal(20, model.Passes);
    }

    private static string Line(GenerationResult result) => $"{result.Prompt}/{result.Sample} {result.FinishReason} {string.Join(' ', result.Tokens)}";
}
