using Athanor.Core.Artifacts;
using Athanor.Evaluation.Harness;
using Athanor.Models.LanguageModels;
using Athanor.Tests.Generation;
using Xunit;

namespace Athanor.Tests.Evaluation.Harness;

public sealed class AbilityProbeTests
{
    private static readonly int[] And = FakeLanguageModel.Encode(" and on");

    [Fact]
    public void It_reads_validation_problems_and_shows_samples()
    {
        using EvaluationCorpus corpus = new(CorpusLayout.Validation);
        AbilityReading reading = new AbilityProbe().Measure(FakeLanguageModel.Answering(prompt => prompt.Contains('?') ? " 9 + 1 = 10 ; 10 - 0 = 10 ; answer 10" : ""), corpus.Open(), TestContext.Current.CancellationToken);
        Assert.Equal(
            ["ability/chains.direct", "ability/chains.step", "ability/chains.step.arithmetic", "ability/chains.step.operand", "ability/multiple_choice", "ability/operations"],
            reading.Values.Keys.Order(StringComparer.Ordinal));
        Assert.All(reading.Values.Values, value => Assert.InRange(value, 0, 1));
        Assert.Equal(1, reading.Values["ability/chains.step.arithmetic"]);
        Assert.InRange(reading.Values["ability/chains.step"], 0.01, 0.99);
        Assert.Equal(["sample/0", "sample/1", "sample/2", "sample/3", "sample/4"], reading.Texts.Keys.Order(StringComparer.Ordinal));
        Assert.StartsWith("Step by step: ", reading.Texts["sample/0"]);
        Assert.EndsWith(" = ? → 9 + 1 = 10 ; 10 - 0 = 10 ; answer 10", reading.Texts["sample/0"]);
    }

    [Fact]
    public void Of_running_text_it_continues_held_out_documents()
    {
        using EvaluationCorpus corpus = new(CorpusLayout.Validation);
        Directory.Delete(Path.Combine(corpus.Folder, "problems"), recursive: true);
        FakeLanguageModel model = new(4096, (taken, logits) =>
        {
            int written = And.Length;
            while (!taken.Skip(taken.Count - written).SequenceEqual(And.Take(written)))
            {
                written--;
            }

            logits.Clear();
            logits[written < And.Length ? And[written] : 0] = 50;
        });
        AbilityReading reading = new AbilityProbe().Measure(model, corpus.Open(), TestContext.Current.CancellationToken);
        Assert.Empty(reading.Values);
        Assert.Equal(2, reading.Texts.Count);
        Assert.All(reading.Texts.Values, text => Assert.Matches("^Reads line \\d\\..* → and on", text));
    }

    [Fact]
    public void Of_a_corpus_without_problems_it_says_nothing()
    {
        using EvaluationCorpus corpus = new(CorpusLayout.Test);
        AbilityReading reading = new AbilityProbe().Measure(FakeLanguageModel.Saying("yes"), corpus.Open(), TestContext.Current.CancellationToken);
        Assert.Empty(reading.Values);
        Assert.Empty(reading.Texts);
    }
}
