using System.Diagnostics;
using Athanor.Core.Forecasts;
using Athanor.Core.Machine;
using Athanor.Core.Randomness;
using Athanor.Models.Specifications;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.Measuring;
using Athanor.Training.Data;
using Athanor.Training.Loop;
using Athanor.Training.Objectives;
using Athanor.Training.Optimizers;
using Athanor.Training.Pretraining;
using TorchSharp;

namespace Athanor.Training.Forecasts;

/// <summary>
/// What an update of a model really takes on this machine: a few updates of a fresh model of that shape on random tokens, by the code that trains. Measured once a shape and kept with
/// the machine's measurements. A model that would take much of the memory, or long, is not tried: its time follows from its FLOP and the speed of matrix products.
/// </summary>
internal sealed record TrainingTrial
{
    private const int WarmUpdates = 2;
    private const int FewestUpdates = 3;
    private const int MostUpdates = 40;
    private const int Documents = 8;

    // what a training was seen to give of the speed of square products, for models too large to try
    private const double UsualShare = 0.5;
    private const double ScoringShareOfGradient = 0.33;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestTrial = TimeSpan.FromSeconds(6);

    /// <summary>Forward and backward, in seconds a token.</summary>
    public required double GradientSecondsPerToken { get; init; }

    /// <summary>Clipping and optimizers, in seconds an update.</summary>
    public required double OptimizerSeconds { get; init; }

    /// <summary>Forward alone, in seconds a token.</summary>
    public required double ScoringSecondsPerToken { get; init; }

    /// <summary>The largest resident set so far, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Measures a shape, or takes up what was measured.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="choice">The number type that was asked for.</param>
    /// <param name="optimizer">The optimizers.</param>
    /// <param name="rows">Rows that go through the model at once.</param>
    /// <param name="length">Positions of a row.</param>
    /// <param name="machine">Where measurements are kept.</param>
    /// <param name="executor">The executor that was asked for.</param>
    public static TrainingTrial Of(ModelPlan plan, NumberTypeChoice choice, OptimizerChoice optimizer, int rows, int length, MachineMeasurements machine, ExecutorChoice executor = ExecutorChoice.Auto)
    {
        // every measurement of the machine's products is taken in one go
        Lazy<MatrixSpeed> speed = new(() => MatrixSpeed.Measure());
        bool half = choice == NumberTypeChoice.Bf16
            || (choice == NumberTypeChoice.Auto && machine.Measure("products/bf16", () => speed.Value.BFloat16) >= NumberType.NeededLead * machine.Measure("products/fp32", () => speed.Value.Float32));
        bool oneDnn = machine.Measure("products/oneDNN", () => speed.Value.FasterBackend == ProductBackend.OneDnn ? 1 : 0) == 1;
        TransformerSpec spec = plan.Spec;
        ChosenExecutor chosen = ChosenExecutor.For(executor, plan, half ? FloatType.BFloat16 : FloatType.Float32);
        string shape = $"training/{chosen.Name}/{plan.Parameters}-{spec.Layers.Count}x{spec.Width}-{spec.VocabularySize}/{rows}x{length}/{(half ? "bf16" : "fp32")}/{optimizer}";
        long tokens = (long)rows * length;
        long memory = Memory(plan, tokens);
        double gradientFlop = plan.TrainingFlopPerToken(length);
        double products = (half ? machine.Measure("products/bf16", () => speed.Value.BFloat16) : machine.Measure("products/fp32", () => speed.Value.Float32)) * 1e9;
        double reckoned = gradientFlop / (UsualShare * products);
        if (memory > MachineProbe.Facts().MemoryBytes / 2 || reckoned * tokens * (WarmUpdates + FewestUpdates) > LongestTrial.TotalSeconds)
        {
            return new TrainingTrial { GradientSecondsPerToken = reckoned, OptimizerSeconds = 0.1 * reckoned * tokens, ScoringSecondsPerToken = ScoringShareOfGradient * reckoned, MemoryBytes = memory };
        }

        Lazy<TrainingTrial> trial = new(() =>
        {
            ProductBackend before = Float32Products.Current;
            Float32Products.Use(oneDnn ? ProductBackend.OneDnn : ProductBackend.Mkl);
            try
            {
                return Run(plan, chosen, half, optimizer, rows, length);
            }
            finally
            {
                Float32Products.Use(before);
            }
        });
        return new TrainingTrial
        {
            GradientSecondsPerToken = machine.Measure($"{shape}/gradient", () => trial.Value.GradientSecondsPerToken),
            OptimizerSeconds = machine.Measure($"{shape}/optimizer", () => trial.Value.OptimizerSeconds),
            ScoringSecondsPerToken = machine.Measure($"{shape}/scoring", () => trial.Value.ScoringSecondsPerToken),
            MemoryBytes = (long)machine.Measure($"{shape}/memory", () => trial.Value.MemoryBytes),
        };
    }

    private static TrainingTrial Run(ModelPlan plan, ChosenExecutor executor, bool half, OptimizerChoice optimizer, int rows, int length)
    {
        MachineProbe.ResetPeakMemory();
        RandomStreams random = new(0);
        using ITrainableTransformer model = executor.Create(plan, half ? FloatType.BFloat16 : FloatType.Float32, random);
        using OptimizerSet optimizers = OptimizerSet.For(plan, model.Weights, new OptimizerSettings { Choice = optimizer, MatrixLearningRate = 1e-6, LearningRate = 1e-6 });
        RandomTokens task = new(plan.Spec.VocabularySize, rows, length, random.Open("trial"));
        List<double> gradients = [];
        List<double> updates = [];
        long start = Stopwatch.GetTimestamp();
        for (int update = 0; update < WarmUpdates + FewestUpdates || (update < MostUpdates && Stopwatch.GetElapsedTime(start) < Patience); update++)
        {
            long begin = Stopwatch.GetTimestamp();
            TrainingStep.Accumulate(model, task, task.Batches(update));
            double gradient = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            begin = Stopwatch.GetTimestamp();
            optimizers.Step(model.Gradients, 1, GradientClipping.Coefficient(TrainingStep.Norm(model), 1));
            if (update >= WarmUpdates)
            {
                gradients.Add(gradient);
                updates.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
            }
        }

        List<double> scoring = [];
        for (int pass = 0; pass < FewestUpdates; pass++)
        {
            long begin = Stopwatch.GetTimestamp();
            using IDisposable noGradient = torch.no_grad();
            using DisposeScope scope = torch.NewDisposeScope();
            TrainingBatch batch = task.Batches(pass)[0];
            model.Forward(batch.Tokens);
            model.Head(TrainingStep.TargetsOf(model, batch));
            scoring.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        double tokens = (double)rows * length;
        return new TrainingTrial
        {
            GradientSecondsPerToken = Median(gradients) / tokens,
            OptimizerSeconds = Median(updates),
            ScoringSecondsPerToken = Median(scoring) / tokens,
            MemoryBytes = MachineProbe.PeakMemoryBytes(),
        };
    }

    // weights, gradients, the optimizers' two numbers a weight, the two widest matrices once more; what forward keeps for backward; the head's logits and their gradient
    private static long Memory(ModelPlan plan, long tokens)
    {
        TransformerSpec spec = plan.Spec;
        long kept = spec.Layers.Sum(layer => (10L * spec.Width) + (4L * layer.FeedForward.Size));
        return ForecastContext.EmptyProcessBytes + (140L << 20) + (sizeof(float) * ((5 * plan.Parameters) + (tokens * kept) + (2 * Math.Min(tokens, 2048) * spec.VocabularySize)));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private sealed class RandomTokens(int vocabularySize, int rows, int length, RandomStream random) : ITrainingTask
    {
        private readonly CausalLanguageModelLoss _loss = new();

        public CausalLanguageModelLoss? CausalLoss => _loss;

        public IReadOnlyList<TrainingBatch> Batches(long step)
        {
            TokenRow[] laid = new TokenRow[rows];
            for (int i = 0; i < rows; i++)
            {
                laid[i] = new TokenRow(length + 1);
                for (int j = 0; j <= length; j++)
                {
                    laid[i].Tokens[j] = random.NextInt32(vocabularySize);
                    laid[i].Documents[j] = j * Documents / (length + 1);
                    laid[i].Mask[j] = 1;
                }
            }

            return [TrainingBatch.From(laid, acrossDocuments: false)];
        }

        public LossValue Loss(TrainingBatch batch, HeadOutput output, torch.Tensor targets, long count) => _loss.Evaluate(output, targets, count);
    }
}
