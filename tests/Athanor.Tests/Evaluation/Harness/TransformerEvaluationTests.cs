using Athanor.Core.Artifacts;
using Athanor.Core.Randomness;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Models.LanguageModels;
using Athanor.Models.Specifications;
using Athanor.Tests.Generation;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.LanguageModels;
using Xunit;

namespace Athanor.Tests.Evaluation.Harness;

/// <summary>The evaluation on a transformer instead of a model in memory: what holds there must hold here.</summary>
public sealed class TransformerEvaluationTests : IDisposable
{
    private readonly AutogradTransformer _transformer = AutogradTransformer.Create(
        ModelPlan.From(TransformerSpec.Llama(FakeLanguageModel.Vocabulary, 384, 32, 2, 4, 2, 8, 48, tiedHead: true)), FloatType.Float32, new RandomStreams(3));

    private readonly TorchLanguageModel _model;

    public TransformerEvaluationTests() => _model = TorchLanguageModel.Over("tiny", _transformer.Plan, _transformer, FakeLanguageModel.Hashed().Tokenizer);

    public void Dispose()
    {
        _model.Dispose();
        _transformer.Dispose();
    }

    [Fact]
    public void Its_probabilities_over_the_vocabulary_sum_to_one()
    {
        int[] before = [0, .. FakeLanguageModel.Encode("a banana")];
        ScoringRequest[] every = [.. Enumerable.Range(0, _model.Info.VocabularySize).Select(token => new ScoringRequest((int[])[.. before, token], before.Length))];
        Assert.Equal(1, _model.Score(every, TestContext.Current.CancellationToken).Sum(score => Math.Exp(score[0])), 4);
    }

    [Theory]
    [InlineData("operations")]
    [InlineData("multiple_choice")]
    [InlineData("bits_per_byte")]
    public void A_score_depends_neither_on_batch_nor_on_neighbours(string task)
    {
        using EvaluationCorpus corpus = new();
        EvaluatedSample[] whole = [.. Ask(corpus, task, 128)];
        foreach (int batch in new[] { 1, 7 })
        {
            Assert.All(whole.Zip(Ask(corpus, task, batch)), pair =>
            {
                Assert.Equal(pair.First.Answer, pair.Second.Answer);
                Assert.Equal(pair.First.ChoiceScores, pair.Second.ChoiceScores);
                foreach ((string metric, double value) in pair.First.Values)
                {
                    Assert.Equal(value, pair.Second.Values[metric]);
                }
            });
        }
    }

    private IReadOnlyList<EvaluatedSample> Ask(EvaluationCorpus corpus, string task, int batch)
        => TaskCatalogue.Find(task).Ask(
            new TaskRequest { Model = _model, ModelName = "tiny", Data = new EvaluationData(corpus.Folder, CorpusLayout.Test), BatchSize = batch, Shots = task == "operations" ? 2 : 0 },
            TestContext.Current.CancellationToken);
}
