using System.Text.Json;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Metrics;
using Athanor.Core.Stages;
using Athanor.Models.Checkpoints;
using Athanor.Models.LanguageModels;
using Athanor.Tests.Evaluation;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Training;
using Athanor.Torch.LanguageModels;
using Athanor.Training.Checkpoints;
using Athanor.Training.Pretraining;
using Athanor.Training.Tuning;
using Xunit;

namespace Athanor.Tests.Training.Pretraining;

public sealed class TrainingStagesTests : IDisposable
{
    private static readonly PretrainSettings Small = new()
    {
        Depth = 2, Width = 32, Heads = 2, ContextLength = 32, TrainingTokens = 4096, BatchRows = 4, ValidationRows = 4, NumberType = NumberTypeChoice.Fp32,
    };

    private readonly TrainingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Pre_training_and_tuning_leave_models_that_open()
    {
        RecordingProgress progress = new();
        await RunAsync(new PretrainStage(), Small, "pretrain", progress);
        Artifact pretrained = EvaluationCorpus.Open(_fixture["pretrain/output"], ArtifactKind.Model);
        await RunAsync(new TuneStage(), new TuneSettings { TrainingTokens = 1024, ValidationRows = 4, NumberType = NumberTypeChoice.Fp32 }, "tune", progress, new() { ["tokens"] = _fixture.Tokens, ["pretrain"] = pretrained });

        foreach (string folder in (string[])["pretrain/output", "tune/output"])
        {
            using (Checkpoint checkpoint = Checkpoint.Open(_fixture[folder]))
            {
                Assert.Equal((2, 32, 32), (checkpoint.Spec.Layers.Count, checkpoint.Spec.Width, checkpoint.Spec.ContextLength));
            }

            using ILanguageModel model = new TorchLanguageModelLoader().Load(_fixture[folder]);
            Assert.Equal(-Math.Log(model.Info.VocabularySize), model.Score([new ScoringRequest(new[] { 0, 40, 41, 42, 43 }, 1)], TestContext.Current.CancellationToken)[0].Average(), 3.0);
            using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_fixture[$"{folder}/{TrainingReport.FileName}"]));
            Assert.Equal("fp32", report.RootElement.GetProperty("number_type").GetString());
        }

        Assert.NotEqual(File.ReadAllBytes(_fixture["pretrain/output/model.safetensors"]), File.ReadAllBytes(_fixture["tune/output/model.safetensors"]));
        Assert.Contains(progress.Lines, line => line.StartsWith("R1 ", StringComparison.Ordinal) && line.Contains("set by the user", StringComparison.Ordinal));
        Assert.Contains(progress.Lines, line => line.StartsWith("R9 ", StringComparison.Ordinal) && line.Contains("5 %", StringComparison.Ordinal));
        IReadOnlyList<MetricsEntry> metrics = MetricsLog.Read(_fixture[$"pretrain/{MetricsLog.FileName}"]);
        Assert.Contains(metrics, entry => entry.Step == 0 && entry.Values.ContainsKey("validation/text/bits_per_byte"));
        Assert.Contains(metrics, entry => entry.Step == 32 && entry.Values.ContainsKey("validation/talk/bits_per_byte"));
    }

    [Fact]
    public async Task Tuning_with_tokens_of_another_tokenizer_is_refused()
    {
        await RunAsync(new PretrainStage(), Small with { TrainingTokens = 128 }, "pretrain");
        Artifact pretrained = EvaluationCorpus.Open(_fixture["pretrain/output"], ArtifactKind.Model);
        TokenizerFolder.Write(BytePairTrainer.Train(["other texts", "give other pairs"], 300, ChatTemplate.SpecialTokens), _fixture["pretrain/output"]);
        await Assert.ThrowsAsync<AthanorException>(() => RunAsync(new TuneStage(), new TuneSettings { TrainingTokens = 128 }, "tune", null, new() { ["tokens"] = _fixture.Tokens, ["pretrain"] = pretrained }));
    }

    [Fact]
    public async Task A_context_that_the_model_does_not_read_is_refused()
    {
        await RunAsync(new PretrainStage(), Small with { TrainingTokens = 128 }, "pretrain");
        Artifact pretrained = EvaluationCorpus.Open(_fixture["pretrain/output"], ArtifactKind.Model);
        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(() => RunAsync(new TuneStage(), new TuneSettings { ContextLength = 64 }, "tune", null, new() { ["tokens"] = _fixture.Tokens, ["pretrain"] = pretrained }));
        Assert.Contains("context_length", fault.Message, StringComparison.Ordinal);
    }

    private async Task RunAsync<TSettings>(IStage<TSettings> stage, TSettings settings, string name, IProgressReporter? progress = null, Dictionary<string, Artifact>? inputs = null)
        where TSettings : class
    {
        StageContext context = _fixture.Context(name, progress, inputs: inputs);
        using MetricsLog metrics = context.Metrics;
        await stage.RunAsync(settings, context, TestContext.Current.CancellationToken);
    }
}
