using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Evaluation.Harness;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Models.LanguageModels;
using Athanor.Tests.Generation;
using Xunit;

namespace Athanor.Tests.Evaluation.Harness;

public sealed class EvaluationHarnessTests : IDisposable
{
    private static readonly EvaluatedModel First = new("first", "", 1, null, IsNGram: false);
    private static readonly EvaluatedModel Second = new("second", "", 1, null, IsNGram: false);

    private readonly EvaluationCorpus _corpus = new();
    private readonly string _work = Directory.CreateTempSubdirectory("athanor-answers-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Tasks => ["bits_per_byte", "chains.step", "operations", "multiple_choice", "closed_book"];

    public void Dispose()
    {
        _corpus.Dispose();
        Directory.Delete(_work, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_score_depends_neither_on_batch_nor_on_neighbours(string task)
    {
        Dictionary<string, EvaluatedSample> whole = Ask(task, 128, limit: null);
        Assert.NotEmpty(whole);
        foreach ((int batch, int? limit) in new (int, int?)[] { (1, null), (3, null), (5, 2), (128, 3) })
        {
            foreach ((string id, EvaluatedSample sample) in Ask(task, batch, limit))
            {
                Assert.Equal(whole[id].Answer, sample.Answer);
                Assert.Equal(whole[id].Values, sample.Values);
                Assert.Equal(whole[id].ChoiceScores, sample.ChoiceScores);
            }
        }

        Reverse(task);
        Assert.All(Ask(task, 4, limit: null), pair => Assert.Equal(whole[pair.Key].Values, pair.Value.Values));
    }

    [Fact]
    public void A_model_that_works_out_chains_is_ahead_of_its_own_guesses()
    {
        // right step by step, wrong directly
        FakeLanguageModel model = FakeLanguageModel.Answering(prompt =>
        {
            int[] numbers = [.. System.Text.RegularExpressions.Regex.Matches(prompt, @"\d+").Select(match => int.Parse(match.Value))];
            return prompt.Contains("Step by step") ? " " + EvaluationCorpus.StepsOf(numbers[0], numbers[1], numbers[2]) : "answer -1";
        });
        EvaluationScores scores = Run(model, "chains.step", "chains.direct");
        Score step = scores.Find("first", "chains.step")!;
        Assert.Equal((1, 0), (step.Value, step.StandardError));
        Assert.Equal(0.01, step.Chance);
        Assert.Equal(0, scores.Find("first", "chains.direct")!.Value);
        Assert.Equal(1, scores.Find("first", "chains.step", group: "2 operations")!.Value);
        PairedDifference gain = Assert.Single(scores.Differences, difference => difference.Kind == DifferenceKind.Variants);
        Assert.Equal(("chains.step", "chains.direct", 1.0, step.Count), (gain.Task, gain.Against, gain.Value, gain.Count));
        StepAnalysis analysis = Assert.Single(scores.Steps);
        Assert.Equal((1, 1, 1, 1), (analysis.LengthRight, analysis.OperandRight, analysis.ArithmeticRight, analysis.CarriedRight));
    }

    [Fact]
    public void Examples_stand_before_the_question_and_more_are_compared_with_fewer()
    {
        // right once it has seen two examples
        EvaluationScores scores = Run(FakeLanguageModel.Answering(prompt => prompt.Split('?').Length > 3 ? "3" : "0"), "operations");
        Assert.Equal([0, 0, 1, 1], scores.Scores.Select(score => score.Value));
        Assert.Equal([0, 1, 2, 4], scores.Scores.Select(score => score.Shots));
        PairedDifference most = scores.Differences.Single(difference => difference is { Kind: DifferenceKind.Shots, Shots: 4, Against: "0 shots" });
        Assert.Equal((1, 6), (most.Value, most.Count));
    }

    [Fact]
    public void More_shots_than_there_are_examples_is_a_fault_that_names_both()
    {
        EvaluationHarness harness = new(Data(), workFolder: null, new RecordingProgress()) { Shots = 5 };
        AthanorException fault = Assert.Throws<AthanorException>(() => harness.Ask(First, FakeLanguageModel.Saying("3"), harness.Choose(["operations"]), Cancellation));
        Assert.Contains("4 solved examples, 5", fault.Message);
    }

    [Fact]
    public void Known_and_unknown_are_kept_apart()
    {
        EvaluationScores scores = Run(FakeLanguageModel.Answering(prompt => prompt.Contains("Pop0") || prompt.Contains("Pop2") ? "It removes the top item." : "No."), "closed_book");
        Assert.Null(scores.Find("first", "closed_book"));
        Assert.Equal(2 * 3.0 / 7, scores.Find("first", "closed_book", group: "known")!.Value, 9);
        Assert.Equal(0, scores.Find("first", "closed_book", group: "unknown")!.Value);
        Assert.Equal(0, scores.Scores.Single(score => score is { Metric: "exact_match", Group: "known" }).Value);
    }

    [Fact]
    public void Bits_per_byte_of_a_model_that_knows_nothing_is_the_width_of_its_vocabulary()
    {
        EvaluationScores scores = Run(new FakeLanguageModel(16, (_, logits) => logits.Clear()), "bits_per_byte");
        Score documentation = scores.Find("first", "bits_per_byte", group: "documentation")!;
        Assert.Equal(Math.Log2(FakeLanguageModel.Vocabulary), documentation.Value, 4);
        Assert.Equal(0, documentation.StandardError, 4);

        // of a conversation the assistant's bytes count, without the token that ends its turn
        Assert.Equal(Math.Log2(FakeLanguageModel.Vocabulary), scores.Find("first", "bits_per_byte", group: "conversations")!.Value, 4);
    }

    [Fact]
    public void Finished_answers_are_read_back_and_never_asked_again()
    {
        EvaluationHarness harness = new(Data(), _work, new RecordingProgress());
        harness.Ask(First, FakeLanguageModel.Hashed(512), harness.Choose(null), Cancellation);
        RecordingProgress progress = new();
        EvaluationHarness again = new(Data(), _work, progress);
        again.Ask(First, new FakeLanguageModel(512, (_, _) => throw new InvalidOperationException("asked again")), again.Choose(null), Cancellation);
        Assert.Empty(progress.Begun);
        Assert.Equal(harness.Collect().ToJson(), again.Collect().ToJson());
    }

    [Fact]
    public void Two_models_are_compared_problem_by_problem()
    {
        EvaluationHarness harness = new(Data(), workFolder: null, new RecordingProgress());
        IReadOnlyList<EvaluationTask> tasks = harness.Choose(["operations"]);
        harness.Ask(First, FakeLanguageModel.Saying("0"), tasks, Cancellation);
        harness.Ask(Second, FakeLanguageModel.Saying("3"), tasks, Cancellation);
        PairedDifference[] differences = [.. harness.Collect().Differences.Where(difference => difference.Kind == DifferenceKind.Models)];
        Assert.Equal(4, differences.Length);
        Assert.All(differences, difference => Assert.Equal(("second", "first", 1.0, 6), (difference.Model, difference.Against, difference.Value, difference.Count)));
    }

    [Fact]
    public void A_task_the_corpus_lacks_is_left_out_or_refused_when_named()
    {
        RecordingProgress progress = new();
        EvaluationHarness harness = new(Data(), workFolder: null, progress);
        Assert.DoesNotContain(harness.Choose(null), task => task.Name == "dates");
        Assert.Contains("dates", Assert.Single(progress.Lines));
        Assert.Contains("dates", harness.Collect().LeftOut.Keys);
        Assert.Throws<AthanorException>(() => harness.Choose(["dates"]));
    }

    [Fact]
    public void What_the_models_were_not_taught_is_left_out_unless_it_is_named()
    {
        EvaluationHarness harness = new(Data(), workFolder: null, new RecordingProgress());
        IReadOnlyList<EvaluationTask> tasks = harness.Choose(null, ["documentation"]);
        Assert.Equal(["bits_per_byte", "multiple_choice", "closed_book"], tasks.Select(task => task.Name));
        Assert.Contains("not trained on", harness.Collect().LeftOut["operations"]);
        harness.Ask(First, FakeLanguageModel.Hashed(512), [tasks[0]], Cancellation);
        Assert.Equal(["documentation"], harness.Collect().Scores.Select(score => score.Group));
        Assert.Equal("operations", Assert.Single(harness.Choose(["operations"], ["documentation"])).Name);
    }

    [Fact]
    public void A_model_that_gives_no_numbers_is_a_fault()
    {
        EvaluationHarness harness = new(Data(), workFolder: null, new RecordingProgress());
        Assert.Throws<AthanorException>(() => harness.Ask(First, new FakeLanguageModel(512, (_, logits) => logits.Fill(float.NaN)), harness.Choose(["bits_per_byte"]), Cancellation));
    }

    [Fact]
    public void Scores_and_samples_are_read_back_as_they_were_written()
    {
        EvaluationHarness harness = new(Data(), workFolder: null, new RecordingProgress());
        harness.Ask(First, FakeLanguageModel.Hashed(512), harness.Choose(null), Cancellation);
        EvaluationScores scores = harness.Collect();
        scores.Write(_work);
        harness.WriteSamples(_work, Cancellation);
        Assert.Equal(scores.ToJson(), EvaluationScores.Read(_work).ToJson());
        Assert.Equal(24, JsonLines.Read<EvaluatedSample>(Path.Combine(_work, EvaluationScores.Samples("operations"))).Count());
    }

    private EvaluationData Data() => new(_corpus.Folder, CorpusLayout.Test);

    private EvaluationScores Run(ILanguageModel model, params string[] tasks)
    {
        EvaluationHarness harness = new(Data(), workFolder: null, new RecordingProgress());
        harness.Ask(First, model, harness.Choose(tasks), Cancellation);
        return harness.Collect();
    }

    private Dictionary<string, EvaluatedSample> Ask(string task, int batchSize, int? limit)
        => TaskCatalogue.Find(task).Ask(
            new TaskRequest { Model = FakeLanguageModel.Hashed(512), ModelName = "", Data = Data(), BatchSize = batchSize, Limit = limit, Shots = task == "operations" ? 2 : 0 },
            Cancellation).ToDictionary(sample => $"{sample.Group} {sample.Id}");

    private void Reverse(string task)
    {
        string path = Path.Combine(_corpus.Folder, task == "bits_per_byte" ? CorpusLayout.Documents(CorpusLayout.Test, "documentation") : CorpusLayout.Problems(CorpusLayout.Test, task));
        if (task == "bits_per_byte")
        {
            JsonLines.Write(path, JsonLines.Read<Document>(path).Reverse().ToArray());
        }
        else
        {
            JsonLines.Write(path, JsonLines.Read<Problem>(path).Reverse().ToArray());
        }
    }
}
