using Athanor.Core.Errors;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Models.LanguageModels;
using Athanor.Tests.Evaluation;
using Athanor.Tests.Tokenization;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Training.Data;
using Athanor.Training.Loop;
using Athanor.Training.Objectives;
using Athanor.Training.Optimizers;
using Athanor.Training.Schedules;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Training.Loop;

public sealed class TrainingLoopTests : IDisposable
{
    private const int Steps = 24;
    private static readonly BatchSettings Batch = new() { ContextLength = 32, Rows = 4, MicroBatchRows = 3, AttentionAcrossDocuments = false };

    private readonly TrainingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(ExecutorChoice.Fused)]
    [InlineData(ExecutorChoice.Autograd)]
    public void A_run_cut_anywhere_and_resumed_ends_with_the_same_bits_and_curves(ExecutorChoice executor)
    {
        (Dictionary<string, byte[]> weights, List<string> curves) = Train("whole", [], executor: executor);
        foreach (int[] cuts in (int[][])[[1], [2, 3], [7, 12, 13], [23]])
        {
            string name = $"cut{string.Join('-', cuts)}";
            (Dictionary<string, byte[]> resumed, List<string> resumedCurves) = Train(name, cuts, executor: executor);
            Assert.All(weights, pair => Assert.Equal(pair.Value, resumed[pair.Key]));
            Assert.Equal(curves, resumedCurves);
        }
    }

    [Fact]
    public void A_run_that_was_killed_loses_only_what_came_after_its_last_checkpoint()
    {
        (Dictionary<string, byte[]> weights, List<string> curves) = Train("whole", []);
        // the folder as a kill leaves it: a checkpoint of step 9, metrics up to 14, and a checkpoint half written
        Train("killed", [9], end: 9);
        using (MetricsLog log = new(_fixture[$"killed/{MetricsLog.FileName}"], TimeProvider.System))
        {
            log.Append(14, new Dictionary<string, double> { ["train/loss"] = 1 });
        }

        Directory.CreateDirectory(_fixture["killed/checkpoints/step-0000000014.part"]);
        (Dictionary<string, byte[]> resumed, List<string> resumedCurves) = Train("killed", []);
        Assert.All(weights, pair => Assert.Equal(pair.Value, resumed[pair.Key]));
        Assert.Equal(curves, resumedCurves);
    }

    [Fact]
    public void A_broken_checkpoint_is_left_out_and_said_to_be()
    {
        Train("run", [6, 11], end: 11);
        string newest = Directory.GetDirectories(_fixture["run/checkpoints"]).Max(StringComparer.Ordinal)!;
        File.WriteAllBytes(Path.Combine(newest, "weights.safetensors"), File.ReadAllBytes(Path.Combine(newest, "weights.safetensors")).AsSpan(0, 5000));
        RecordingProgress progress = new();
        (Dictionary<string, byte[]> resumed, _) = Train("run", [], progress: progress);
        Assert.Contains(progress.Lines, line => line.Contains("left out", StringComparison.Ordinal));
        Assert.Contains(progress.Lines, line => line.Contains("after step 6", StringComparison.Ordinal));
        Assert.All(Train("whole", []).Weights, pair => Assert.Equal(pair.Value, resumed[pair.Key]));
    }

    [Fact]
    public void Going_on_with_other_threads_works_and_says_that_the_last_bits_may_differ()
    {
        Train("run", [6], end: 6);
        int threads = torch.get_num_threads();
        RecordingProgress progress = new();
        try
        {
            torch.set_num_threads(threads + 1);
            Train("run", [], progress: progress);
        }
        finally
        {
            torch.set_num_threads(threads);
        }

        Assert.Contains(progress.Lines, line => line.Contains("after step 6", StringComparison.Ordinal));
        Assert.Contains(progress.Lines, line => line.Contains("last bits may differ", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_checkpoints_are_kept()
    {
        Train("run", [2, 4, 6, 8], end: 8);
        Assert.Equal(["step-0000000006", "step-0000000008"], Directory.GetDirectories(_fixture["run/checkpoints"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_loss_falls()
    {
        List<string> curves = Train("run", []).Curves;
        double[] losses = [.. MetricsLog.Read(_fixture[$"run/{MetricsLog.FileName}"]).Where(entry => entry.Values.ContainsKey("train/loss")).Select(entry => entry.Values["train/loss"])];
        Assert.Equal(Steps, losses.Length);
        Assert.True(losses[^4..].Average() < losses[..4].Average() - 0.3, string.Join(' ', curves));
    }

    [Fact]
    public void An_update_that_is_not_finite_is_left_out_and_counted()
    {
        (Dictionary<string, byte[]> weights, _) = Train("run", [], wrap: task => new Poisoned(task, step => step is 5 or 6));
        Assert.All(weights.Values, bytes => Assert.All(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray(), value => Assert.True(float.IsFinite(value))));
        Assert.Equal(2, MetricsLog.Read(_fixture[$"run/{MetricsLog.FileName}"]).Last(entry => entry.Values.ContainsKey("train/skipped_steps")).Values["train/skipped_steps"]);
    }

    [Fact]
    public void Training_that_stays_not_finite_ends_with_what_to_change()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => Train("run", [], wrap: task => new Poisoned(task, step => step >= 3)));
        Assert.Contains("diverged", fault.Message, StringComparison.Ordinal);
        Assert.Contains("learning_rate", fault.Cure, StringComparison.Ordinal);
    }

    // Trains in pieces: each cut cancels after that step. With an end, stops there for good.
    private (Dictionary<string, byte[]> Weights, List<string> Curves) Train(string name, int[] cuts, int? end = null, Func<ITrainingTask, ITrainingTask>? wrap = null, IProgressReporter? progress = null, ExecutorChoice executor = ExecutorChoice.Auto)
    {
        Dictionary<string, byte[]> weights = [];
        foreach (int? cut in cuts.Cast<int?>().Concat(end is null ? [null] : (int?[])[]))
        {
            using CancellationTokenSource stop = new();
            StageContext context = _fixture.Context(name, progress);
            using MetricsLog metrics = context.Metrics;
            using MixedBatches batches = new(_fixture.Tokens, null, Batch, context.Random);
            using ITrainableTransformer model = ChosenExecutor.For(executor, TrainingFixture.Plan, FloatType.Float32).Create(TrainingFixture.Plan, FloatType.Float32, new RandomStreams(9));
            using OptimizerSet optimizers = OptimizerSet.For(TrainingFixture.Plan, model.Weights, new OptimizerSettings { MatrixLearningRate = 0.02, LearningRate = 0.02, WeightDecay = 0.1 });
            ITrainingTask task = new CausalLanguageModelTask(batches, new CausalLanguageModelLoss());
            // a cut comes while the step's batch is made, or, every third time, while the probe looks
            ITrainingTask watched = new Watched(wrap?.Invoke(task) ?? task, step => Cancel(cut is { } at && at % 3 != 0 && step == at - 1, stop));
            TrainingLoop loop = new(model, watched, optimizers, new TrainingLoopSettings
            {
                Name = "test",
                Steps = Steps,
                Schedule = new LearningRateSchedule { Shape = ScheduleShape.Cosine, WarmupSteps = 4, TotalSteps = Steps, MinimumRate = 0.1 },
                ClipNorm = 0.5,
                FlopPerToken = 10,
                ValidationSteps = 6,
                ProbeSteps = 3,
                BadStepsAllowed = 4,
            }, context)
            {
                Validation = new ValidationSet(_fixture.Tokens, batches.Shares.Keys, TokenizerFixture.Tokenizer, Batch, 4),
                Probe = cancellation =>
                {
                    Cancel(cut is { } at && at % 3 == 0 && optimizers.Members[0].Optimizer.Steps == at, stop);
                    cancellation.ThrowIfCancellationRequested();
                    return new AbilityReading(new Dictionary<string, double> { ["ability/x"] = optimizers.Members[0].Optimizer.Steps }, new Dictionary<string, string> { ["sample/0"] = "s" });
                },
            };
            if (cut is not null)
            {
                Assert.Throws<OperationCanceledException>(() => loop.Run(stop.Token));
                continue;
            }

            loop.Run(stop.Token);
            Assert.Equal(Steps * 4 * 32, context.Cost.Tokens);
            weights = model.Weights.ToDictionary(pair => pair.Key, pair => pair.Value.contiguous().bytes.ToArray());
        }

        string[] timed = ["train/tokens_per_second", "train/gemm_share"];
        List<string> curves =
        [
            .. MetricsLog.Read(_fixture[$"{name}/{MetricsLog.FileName}"])
                .Select(entry => $"{entry.Step}: {string.Join(' ', entry.Values.Where(pair => !timed.Contains(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value:R}"))}{string.Concat(entry.Texts.Keys)}"),
        ];
        return (weights, curves);
    }

    private static void Cancel(bool now, CancellationTokenSource stop)
    {
        if (now)
        {
            stop.Cancel();
        }
    }

    private sealed class Watched(ITrainingTask inner, Action<long> onBatch) : ITrainingTask
    {
        public IReadOnlyList<TrainingBatch> Batches(long step)
        {
            onBatch(step);
            return inner.Batches(step);
        }

        public LossValue Loss(TrainingBatch batch, HeadOutput output, torch.Tensor targets, long count) => inner.Loss(batch, output, targets, count);
    }

    private sealed class Poisoned(ITrainingTask inner, Predicate<long> bad) : ITrainingTask
    {
        private long _step;

        public IReadOnlyList<TrainingBatch> Batches(long step)
        {
            _step = step;
            return inner.Batches(step);
        }

        public LossValue Loss(TrainingBatch batch, HeadOutput output, torch.Tensor targets, long count)
        {
            LossValue value = inner.Loss(batch, output, targets, count);
            return bad(_step) ? value with { Loss = value.Loss * double.NaN } : value;
        }
    }
}
