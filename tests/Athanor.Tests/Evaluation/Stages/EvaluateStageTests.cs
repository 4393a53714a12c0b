using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Stages;
using Athanor.Models.LanguageModels;
using Athanor.Tests.Generation;
using Xunit;

namespace Athanor.Tests.Evaluation.Stages;

public sealed class EvaluateStageTests : IDisposable
{
    private readonly EvaluationCorpus _corpus = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("athanor-evaluate-").FullName;

    public void Dispose()
    {
        _corpus.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_writes_scores_of_every_model_and_every_answer()
    {
        EvaluateSettings settings = new() { Models = ["pretrain", "tune"], NGramOrder = 0 };
        StageContext context = Context("first");
        await new EvaluateStage(new Loader()).RunAsync(settings, context, TestContext.Current.CancellationToken);
        EvaluationScores scores = EvaluationScores.Read(context.OutputFolder);
        Assert.Equal(["pretrain", "tune"], scores.Models.Select(model => model.Name));
        Assert.Equal(1000, scores.Models[0].TrainingTokens);
        Assert.Equal(0, scores.Find("pretrain", "operations")!.Value);
        Assert.Equal(1, scores.Find("tune", "operations")!.Value);
        Assert.Contains(scores.Differences, difference => difference is { Kind: DifferenceKind.Models, Task: "operations", Model: "tune", Against: "pretrain", Value: 1 });
        foreach (TaskDescription task in scores.Tasks)
        {
            Assert.Equal(["pretrain", "tune"], JsonLines.Read<EvaluatedSample>(Path.Combine(context.OutputFolder, EvaluationScores.Samples(task.Name))).Select(sample => sample.Model).Distinct());
        }

        Assert.True(context.Cost.Tokens > 0);
        Assert.True(context.Cost.Flop > 0);
    }

    private StageContext Context(string name)
    {
        string output = Path.Combine(_folder, name);
        Directory.CreateDirectory(output);
        return new StageContext
        {
            Inputs = new Dictionary<string, Artifact> { ["corpus"] = _corpus.Open(), ["pretrain"] = Model("pretrain"), ["tune"] = Model("tune") },
            OutputFolder = output,
            CheckpointFolder = Path.Combine(_folder, name + ".checkpoint"),
            Random = new RandomStreams(1),
            Progress = new RecordingProgress(),
            Metrics = new MetricsLog(Path.Combine(_folder, name + ".metrics.jsonl"), TimeProvider.System),
            Clock = TimeProvider.System,
        };
    }

    private Artifact Model(string name)
    {
        Directory.CreateDirectory(Path.Combine(_folder, name));
        return EvaluationCorpus.Open(Path.Combine(_folder, name), ArtifactKind.Model, tokens: 1000);
    }

    private sealed class Loader : ILanguageModelLoader
    {
        public ILanguageModel Load(string folder) => FakeLanguageModel.Saying(folder.EndsWith("tune", StringComparison.Ordinal) ? "3" : "0");
    }
}
