using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Files;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Evaluation.Tasks;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;
using Athanor.Tests.Evaluation;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Stages;
using Xunit;

namespace Athanor.Tests.Generation;

/// <summary>
/// What tuning learns, what evaluation asks and what a chat says are the same tokens. The tokens of each conversation are those that <c>tokens.encode</c> laid down;
/// the model says what stands next in them, and every sequence that it is shown must be a beginning of them.
/// </summary>
public sealed class OneTemplateTests : IDisposable
{
    private static readonly ChatMessage[][] Talks =
    [
        [new("user", "7 + 8 = ?"), new("assistant", "7 + 8 = 15")],
        [new("system", "Be brief."), new("user", " spaces \n"), new("assistant", "naïve 数据 🙂"), new("user", "<|end|>"), new("assistant", "no <|assistant|> in it")],
        [new("system", ""), new("user", ""), new("assistant", "a"), new("user", "{{ b }}"), new("assistant", "\n"), new("user", "c"), new("assistant", "d ")],
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly FakeLanguageModel _model;
    private readonly Tokenizer _tokenizer = FakeLanguageModel.Hashed().Tokenizer;
    private int[] _tuned = [];

    public OneTemplateTests() => _model = new FakeLanguageModel(512, (taken, logits) =>
    {
        Assert.Equal(_tuned.Take(taken.Count), taken);
        logits.Clear();
        logits[_tuned[taken.Count]] = 50;
    });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tuning_evaluation_and_chat_see_the_same_tokens()
    {
        (int[] Ids, int[] Mask)[] tuned = await TunedAsync();
        for (int talk = 0; talk < Talks.Length; talk++)
        {
            _tuned = tuned[talk].Ids;
            await ChatAsync(Talks[talk]);
            Evaluate(Talks[talk], tuned[talk].Mask);
        }
    }

    private async Task ChatAsync(ChatMessage[] talk)
    {
        string? instructions = talk[0].Role == ChatMessage.System ? talk[0].Content : null;
        using ChatSession session = new(_model, ChatTemplate.For(_tokenizer), GenerationSettings.Greedy with { MaximumTokens = 100 }, instructions);
        foreach (ChatMessage[] exchange in talk.Where(turn => turn.Role != ChatMessage.System).Chunk(2))
        {
            string answer = string.Concat(await session.AskAsync(exchange[0].Content, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
            Assert.Equal(exchange[1].Content, answer);
            Assert.Equal(FinishReason.StopToken, session.LastAnswer!.FinishReason);
        }

        Assert.Equal(talk, session.Messages);
    }

    private void Evaluate(ChatMessage[] talk, int[] mask)
    {
        // a written answer
        GreedyAnswer answer = Assert.Single(GreedyAnswers.Write(_model, [talk[..^1]], 100, 8, null, TestContext.Current.CancellationToken));
        Assert.Equal((talk[^1].Content, null), (answer.Text, answer.Note));

        // a choice that is scored
        int[] choice = ChatTemplate.For(_tokenizer).EncodeAnswered(talk[..^1], talk[^1].Content, out int first);
        Assert.Equal(_tuned[..^1], choice);
        Assert.Equal(mask.LastIndexOf(0) + 1, first);

        // text that is scored: what counts is what tuning learns, but the ends of turns, which stand for no bytes
        Document document = new() { Id = "talk", Messages = talk };
        Athanor.Evaluation.Scores.EvaluatedSample sample = Assert.Single(BitsPerByte.Score(
            new TaskRequest { Model = _model, ModelName = "it", Data = new EvaluationData(_folder["corpus"], CorpusLayout.Train) }, [("talks", document)], TestContext.Current.CancellationToken));
        Assert.Equal($"{mask.Sum() - talk.Count(turn => turn.Role == ChatMessage.Assistant)} tokens", sample.Note);
    }

    private async Task<(int[] Ids, int[] Mask)[]> TunedAsync()
    {
        TokenizerFolder.Write(_tokenizer, _folder["tokenizer"]);
        JsonLines.Write(_folder[$"corpus/{CorpusLayout.Documents(CorpusLayout.Train, "talks")}"], Talks.Select((talk, number) => new Document { Id = $"{number}", Messages = talk }), TestContext.Current.CancellationToken);
        using MetricsLog metrics = new(_folder["metrics.jsonl"], TimeProvider.System);
        await new EncodeTokensStage().RunAsync(new EncodeTokensSettings(), new StageContext
        {
            Inputs = new Dictionary<string, Artifact> { ["corpus"] = EvaluationCorpus.Open(_folder["corpus"], ArtifactKind.Corpus), ["tokenizer"] = EvaluationCorpus.Open(_folder["tokenizer"], ArtifactKind.Tokenizer) },
            OutputFolder = _folder["tokens"],
            CheckpointFolder = _folder["checkpoint"],
            Random = new RandomStreams(1),
            Progress = new RecordingProgress(),
            Metrics = metrics,
            Clock = TimeProvider.System,
        }, TestContext.Current.CancellationToken);
        using TokenShard ids = TokenShard.Open(_folder[$"tokens/{TokensLayout.Shard("train", "talks")}"]);
        using TokenShard mask = TokenShard.Open(_folder[$"tokens/{TokensLayout.Mask("train", "talks")}"]);
        return [.. Enumerable.Range(0, ids.Sequences).Select(number => (ids.ReadSequence(number), mask.ReadSequence(number)))];
    }
}
