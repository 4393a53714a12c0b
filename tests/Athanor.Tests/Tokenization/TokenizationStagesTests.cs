using System.Text;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Tests.Evaluation;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Stages;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class TokenizationStagesTests : IDisposable
{
    private static readonly Document[] Running = [.. TokenizerFixture.Texts.Select((text, index) => new Document { Id = $"type{index}", Text = text }), new Document { Id = "empty" }];

    private static readonly Document[] Talks = [.. Enumerable.Range(0, 30).Select(index => new Document
    {
        Id = $"talk{index}",
        Messages = [new ChatMessage(ChatMessage.User, $"What is {index} + 1?"), new ChatMessage(ChatMessage.Assistant, $"answer {index + 1}")],
    })];

    private readonly TemporaryFolder _folder = new();

    public TokenizationStagesTests()
    {
        JsonLines.Write(_folder[$"corpus/{CorpusLayout.Documents(CorpusLayout.Train, "documentation")}"], Running, TestContext.Current.CancellationToken);
        JsonLines.Write(_folder[$"corpus/{CorpusLayout.Documents(CorpusLayout.Train, "conversations")}"], Talks, TestContext.Current.CancellationToken);
        JsonLines.Write(_folder[$"corpus/{CorpusLayout.Documents(CorpusLayout.Test, "documentation")}"], Running.Take(3), TestContext.Current.CancellationToken);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tokens_are_those_of_each_document_in_order()
    {
        await TrainAsync(new TrainTokenizerSettings { VocabularySize = 500, WholeNumbers = 99 }, "tokenizer");
        await EncodeAsync();

        Tokenizer tokenizer = Tokenizer.Load(_folder["tokens"]);
        ChatTemplate template = ChatTemplate.For(tokenizer);
        using (TokenShard shard = TokenShard.Open(_folder[$"tokens/{TokensLayout.Shard("train", "documentation")}"]))
        {
            Assert.Equal(Running.Select(document => (int[])[template.DocumentTokenId, .. tokenizer.Encode(document.Text)]), Enumerable.Range(0, shard.Sequences).Select(shard.ReadSequence));
        }

        using (TokenShard shard = TokenShard.Open(_folder[$"tokens/{TokensLayout.Shard("train", "conversations")}"]))
        using (TokenShard mask = TokenShard.Open(_folder[$"tokens/{TokensLayout.Mask("train", "conversations")}"]))
        {
            Assert.Equal(Talks.Select(talk => template.Encode(talk.Messages!).Ids), Enumerable.Range(0, shard.Sequences).Select(shard.ReadSequence));
            Assert.Equal(Talks.Select(talk => template.Encode(talk.Messages!).Mask.Select(flag => (int)flag)), Enumerable.Range(0, mask.Sequences).Select(mask.ReadSequence));
        }

        Assert.False(File.Exists(_folder[$"tokens/{TokensLayout.Mask("train", "documentation")}.bin"]));
        Assert.True(File.Exists(_folder[$"tokens/{TokensLayout.Shard("test", "documentation")}.idx"]));
        Assert.Empty(Directory.EnumerateFiles(_folder["tokens"], "*.partial", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Statistics_count_what_is_there()
    {
        await TrainAsync(new TrainTokenizerSettings { VocabularySize = 500 }, "tokenizer");
        await EncodeAsync();

        TokensStatistics tokens = TokensStatistics.Read(EvaluationCorpus.Open(_folder["tokens"], ArtifactKind.Tokens));
        TokensPart running = tokens.Parts.Single(part => part is { Split: "train", Part: "documentation" });
        Assert.Equal((Running.Length, Running.Sum(document => (long)Encoding.UTF8.GetByteCount(document.Text))), (running.Documents, running.Bytes));
        Assert.Null(running.AnswerTokens);
        TokensPart talks = tokens.Parts.Single(part => part.Part == "conversations");
        Assert.Equal(Talks.Sum(talk => talk.Messages![1].Content.Length), talks.AnswerBytes);
        using TokenShard mask = TokenShard.Open(_folder[$"tokens/{TokensLayout.Mask("train", "conversations")}"]);
        Assert.Equal(Enumerable.Range(0, mask.Sequences).Sum(sequence => mask.ReadSequence(sequence).Sum()), talks.AnswerTokens);

        TokenizerStatistics statistics = TokenizerStatistics.Read(EvaluationCorpus.Open(_folder["tokenizer"], ArtifactKind.Tokenizer));
        Assert.Equal(["conversations", "documentation"], statistics.Parts.Select(part => part.Part));
        Assert.All(statistics.Parts, part => Assert.Equal((double)part.Bytes / part.Tokens, part.BytesPerToken, 6));
        Assert.All(statistics.Examples, example => Assert.Equal((example.Ids.Count, example.Text.Length), (example.Ends.Count, example.Ends[^1])));
    }

    [Fact]
    public async Task A_sample_of_a_part_is_drawn_from_all_of_it_and_is_the_same_each_time()
    {
        TrainTokenizerSettings settings = new() { VocabularySize = 400, BytesPerPart = 20_000, Parts = ["documentation"] };
        await TrainAsync(settings, "one");
        await TrainAsync(settings, "two");
        Assert.Equal(File.ReadAllBytes(_folder["one/tokenizer.json"]), File.ReadAllBytes(_folder["two/tokenizer.json"]));
        TokenizerPart part = TokenizerStatistics.Read(EvaluationCorpus.Open(_folder["one"], ArtifactKind.Tokenizer)).Parts.Single();
        Assert.InRange(part.Bytes, 10_000, 21_000);
    }

    [Fact]
    public async Task An_unknown_part_is_refused_with_those_there_are()
    {
        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(() => TrainAsync(new TrainTokenizerSettings { Parts = ["docs"] }, "tokenizer"));
        Assert.Contains("docs", fault.Message, StringComparison.Ordinal);
        Assert.Contains("documentation", fault.Cure, StringComparison.Ordinal);
    }

    private Task TrainAsync(TrainTokenizerSettings settings, string output) =>
        new TrainTokenizerStage().RunAsync(settings, Context(output), TestContext.Current.CancellationToken);

    private Task EncodeAsync() => new EncodeTokensStage().RunAsync(new EncodeTokensSettings(), Context("tokens"), TestContext.Current.CancellationToken);

    private StageContext Context(string output)
    {
        Dictionary<string, Artifact> inputs = new() { ["corpus"] = EvaluationCorpus.Open(_folder["corpus"], ArtifactKind.Corpus) };
        if (Directory.Exists(_folder["tokenizer"]))
        {
            inputs["tokenizer"] = EvaluationCorpus.Open(_folder["tokenizer"], ArtifactKind.Tokenizer);
        }

        return new StageContext
        {
            Inputs = inputs,
            OutputFolder = _folder[output],
            CheckpointFolder = _folder["checkpoint"],
            Random = new RandomStreams(1),
            Progress = new RecordingProgress(),
            Metrics = new MetricsLog(_folder[$"{output}.jsonl"], TimeProvider.System),
            Clock = TimeProvider.System,
        };
    }
}
