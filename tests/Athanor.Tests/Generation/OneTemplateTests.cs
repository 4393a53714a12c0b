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
using Athanor.Tests.Tokenization;
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

    private static readonly ChatMessage[][] TalksElsewhere =
    [
        [new("user", "7 + 8 = ?"), new("assistant", "7 + 8 = 15")],
        [new("user", " spaces \n"), new("assistant", "naïve 数据 🙂"), new("user", "<|end|>"), new("assistant", "no <|assistant|> in it"), new("user", "c"), new("assistant", "d")],
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer = FakeLanguageModel.Hashed().Tokenizer;
    private FakeLanguageModel _model;
    private int[] _tuned = [];

    public OneTemplateTests() => _model = Telling(ChatTemplate.For(_tokenizer));

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

    [Theory]
    [InlineData("headers")]
    [InlineData("marks")]
    [InlineData("brackets")]
    public async Task Evaluation_and_chat_see_the_same_tokens_of_a_published_template(string style)
    {
        ChatTemplate template = PublishedModels.TemplateOf(style);
        _model = Telling(template);
        foreach (ChatMessage[] talk in style == "brackets" ? TalksElsewhere : [[new("system", "Be brief."), .. TalksElsewhere[0]], .. TalksElsewhere])
        {
            EncodedConversation encoded = template.Encode(talk);
            _tuned = encoded.Ids;
            await ChatAsync(talk);
            Evaluate(talk, [.. encoded.Mask]);
        }
    }

    // says what stands next in the conversation, and takes no other
    private FakeLanguageModel Telling(ChatTemplate template) => new(
        512,
        (taken, logits) =>
        {
            Assert.Equal(_tuned.Take(taken.Count), taken);
            logits.Clear();
            logits[_tuned[taken.Count]] = 50;
        },
        template.Tokenizer.VocabularySize) { ChatTemplate = template };

    private async Task ChatAsync(ChatMessage[] talk)
    {
        string? instructions = talk[0].Role == ChatMessage.System ? talk[0].Content : null;
        using ChatSession session = new(_model, _model.ChatTemplate, GenerationSettings.Greedy with { MaximumTokens = 100 }, instructions);
        foreach (ChatMessage[] exchange in talk.Where(turn => turn.Role != ChatMessage.System).Chunk(2))
        {
            string answer = string.Concat(await session.AskAsync(exchange[0].Content, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
            Assert.Equal(exchange[1].Content, Said(answer));
            Assert.Equal(FinishReason.StopToken, session.LastAnswer!.FinishReason);
        }

        Assert.Equal(talk, session.Messages.Select(turn => turn with { Content = turn.Role == ChatMessage.Assistant ? Said(turn.Content) : turn.Content }));
    }

    // a template may write a blank before an answer
    private string Said(string answer) => _model.Tokenizer == _tokenizer ? answer : answer.TrimStart();

    private void Evaluate(ChatMessage[] talk, int[] mask)
    {
        // a written answer
        GreedyAnswer answer = Assert.Single(GreedyAnswers.Write(_model, [talk[..^1]], 100, 8, null, TestContext.Current.CancellationToken));
        Assert.Equal((talk[^1].Content, null), (Said(answer.Text), answer.Note));

        // a choice that is scored
        int[] choice = _model.ChatTemplate.EncodeAnswered(talk[..^1], talk[^1].Content, out int first);
        int end = mask.LastIndexOf(1);
        Assert.Equal(_tuned[..end], choice);
        Assert.Equal(mask.AsSpan(0, end).LastIndexOf(0) + 1, first);

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
