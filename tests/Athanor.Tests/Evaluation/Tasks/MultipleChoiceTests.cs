using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Evaluation.Metrics;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Tests.Generation;
using Xunit;

namespace Athanor.Tests.Evaluation.Tasks;

public sealed class MultipleChoiceTests
{
    private static readonly Problem Four = new() { Id = "1", Task = "multiple_choice", Messages = [], Answer = "b", Choices = ["a", "b", "c", "d"] };

    [Theory]
    [InlineData(0, 1, 0, 0, 1)]
    [InlineData(0, 1, 1, 0, 0.5)]
    [InlineData(2, 2, 2, 2, 0.25)]
    [InlineData(3, 1, 0, 0, 0)]
    public void Choices_that_tie_share_the_credit(double a, double b, double c, double d, double credit)
        => Assert.Equal(credit, MultipleChoiceTask.Credit(Four, [a, b, c, d]));

    [Fact]
    public void A_model_that_likes_every_text_alike_reaches_chance()
    {
        using EvaluationCorpus corpus = new();

        // with every choice equally long in tokens of equal probability, PMI is 0 for all
        EvaluatedSample[] samples = [.. Ask(corpus, new FakeLanguageModel(512, (_, logits) => logits.Clear()))];
        Assert.All(samples, sample => Assert.Equal(0.25, sample.Values["accuracy"]));
    }

    [Fact]
    public void What_is_likely_whatever_was_asked_earns_nothing_and_blanks_are_not_scored()
    {
        using EvaluationCorpus corpus = new();

        // loves 'x' and '_' everywhere; 'm' only after a question that names a Stack
        EvaluatedSample[] samples = [.. Ask(corpus, new FakeLanguageModel(512, (taken, logits) =>
        {
            logits.Clear();
            logits[FakeLanguageModel.FirstByte + 'x'] = 8;
            logits[FakeLanguageModel.FirstByte + '_'] = 9;
            logits[FakeLanguageModel.FirstByte + 'm'] = taken.Contains(FakeLanguageModel.FirstByte + 'k') ? 3 : 0;
        }))];
        Assert.All(samples, sample => Assert.Equal(1, sample.Values["accuracy"]));
        Assert.All(samples, sample => Assert.Equal(sample.Expected, sample.Answer));
    }

    [Fact]
    public void Word_overlap_sees_parameter_names_only_where_it_is_told_to()
    {
        using EvaluationCorpus corpus = new();
        IReadOnlyList<Baseline> baselines = new MultipleChoice().Baselines(new EvaluationData(corpus.Folder, CorpusLayout.Test), null);
        Assert.All(baselines.Single(baseline => baseline.Name == "word overlap").Values, value => Assert.Equal(0.25, value));
        Assert.All(baselines.Single(baseline => baseline.Name == "word overlap with parameter names").Values, value => Assert.Equal(1, value));
    }

    [Fact]
    public void Names_are_split_where_they_change_case()
    {
        Assert.Equal(1, WordOverlap.Share("gets lines", ["GetLine"]));
        Assert.Equal(0.5, WordOverlap.Share("http banana", ["HTTPClient"]));
        Assert.Equal(0, WordOverlap.Share("_ _", ["_"]));
    }

    private static IReadOnlyList<EvaluatedSample> Ask(EvaluationCorpus corpus, FakeLanguageModel model)
        => new MultipleChoice().Ask(new TaskRequest { Model = model, ModelName = "fake", Data = new EvaluationData(corpus.Folder, CorpusLayout.Test) }, TestContext.Current.CancellationToken);
}
