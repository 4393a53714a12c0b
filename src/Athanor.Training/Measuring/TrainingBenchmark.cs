using System.Diagnostics;
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
using TorchSharp;

namespace Athanor.Training.Measuring;

/// <summary>
/// Times whole training steps on random tokens (forward, loss, backward, clipping, optimizer) by the code that trains, beside the best matrix product of the type, measured in the same
/// process before, between and after.
/// </summary>
public static class TrainingBenchmark
{
    private const int WarmSteps = 3;
    private const int EagerSteps = 3;
    private const double MostProductDrift = 0.1;

    /// <summary>Sizes that results are quoted for: <c>10m</c> and <c>91m</c> parameters.</summary>
    /// <returns>The model, rows and length of a batch; null for a name that is not known.</returns>
    public static (ModelPlan Plan, int Rows, int Length)? Preset(string name) => name switch
    {
        "10m" => (ModelPlan.From(TransformerSpec.Llama(8192, 512, 320, 6, 5, 5, 64, 864, tiedHead: true)), 8, 512),
        "91m" => (ModelPlan.From(TransformerSpec.Llama(32768, 512, 768, 12, 12, 12, 64, 2048, tiedHead: true)), 4, 512),
        _ => null,
    };

    /// <summary>Runs the benchmark.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="rows">Rows of a batch.</param>
    /// <param name="length">Tokens of a row.</param>
    /// <param name="type">The type to compute in.</param>
    /// <param name="executor">The executor.</param>
    /// <param name="optimizer">The optimizers.</param>
    /// <param name="steps">Steps that are timed.</param>
    /// <param name="besideEager">Whether automatic gradients on libtorch's default library of products are timed as well, after all else.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static TrainingSpeed Run(ModelPlan plan, int rows, int length, FloatType type, ExecutorChoice executor, OptimizerChoice optimizer, int steps, bool besideEager, CancellationToken cancellation)
    {
        Float32Products.Use(MatrixSpeed.Measure(cancellation).FasterBackend);
        ChosenExecutor chosen = ChosenExecutor.For(executor, plan, type);
        double[] peaks = new double[3];
        peaks[0] = PeakProducts.Measure(type, cancellation);
        RandomStreams random = new(0);
        using ITrainableTransformer model = chosen.Create(plan, type, random);
        using OptimizerSet optimizers = OptimizerSet.For(plan, model.Weights, new OptimizerSettings { Choice = optimizer, MatrixLearningRate = 1e-6, LearningRate = 1e-6 });
        OneBatch task = new(plan.Spec.VocabularySize, rows, length, random.Open("bench"));
        double[] seconds = new double[steps];
        double[] clipping = new double[steps];
        double[] updating = new double[steps];
        long allocated = 0;
        FusedTransformer? fused = model as FusedTransformer;
        for (int step = -WarmSteps; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (step == 0)
            {
                fused?.ResetClock();
            }

            if (step == steps / 2)
            {
                peaks[1] = PeakProducts.Measure(type, cancellation);
            }

            long bytes = GC.GetTotalAllocatedBytes(precise: true);
            long begin = Stopwatch.GetTimestamp();
            TrainingStep.Accumulate(model, task, task.Batches(step));
            long after = Stopwatch.GetTimestamp();
            double norm = TrainingStep.Norm(model);
            long clipped = Stopwatch.GetTimestamp();
            optimizers.Step(model.Gradients, 1, GradientClipping.Coefficient(norm, 1));
            long end = Stopwatch.GetTimestamp();
            bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
            if (step >= 0)
            {
                allocated += bytes;
                seconds[step] = Stopwatch.GetElapsedTime(begin, end).TotalSeconds;
                clipping[step] = Stopwatch.GetElapsedTime(after, clipped).TotalSeconds;
                updating[step] = Stopwatch.GetElapsedTime(clipped, end).TotalSeconds;
            }
        }

        Dictionary<string, double> parts = fused?.Seconds.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value / steps) ?? [];
        long tensors = NewTensors(() =>
        {
            TrainingStep.Accumulate(model, task, task.Batches(0));
            optimizers.Step(model.Gradients, 1, GradientClipping.Coefficient(TrainingStep.Norm(model), 1));
        });
        peaks[2] = PeakProducts.Measure(type, cancellation);
        parts["Clipping"] = clipping.Average();
        parts["Optimizer"] = updating.Average();
        long peakMemory = MachineProbe.PeakMemoryBytes();
        double? eager = besideEager ? EagerSeconds(plan, type, optimizer, task, cancellation) : null;
        double best = peaks.Max();
        double median = Median(seconds);
        long tokens = (long)rows * length;
        return new TrainingSpeed
        {
            Parameters = plan.Parameters,
            Executor = chosen.Name,
            VectorBits = fused?.VectorBits,
            Threads = torch.get_num_threads(),
            Backend = Float32Products.Current.ToString(),
            Steps = steps,
            TokensAStep = tokens,
            MedianSeconds = median,
            BestSeconds = seconds.Min(),
            FlopAStep = tokens * plan.TrainingFlopPerToken(length),
            PeakFlops = peaks,
            IsVoid = peaks.Max() > (1 + MostProductDrift) * peaks.Min(),
            Share = tokens * plan.TrainingFlopPerToken(length) / median / best,
            SecondsByPart = parts,
            PeakMemoryBytes = peakMemory,
            EagerSeconds = eager,
            WorkspaceBytes = fused?.WorkspaceBytes,
            ManagedBytesAStep = allocated / (double)steps,
            NewTensorsAStep = tensors,
        };
    }

    // what one gets from libtorch's operations as they come
    private static double EagerSeconds(ModelPlan plan, FloatType type, OptimizerChoice optimizer, OneBatch task, CancellationToken cancellation)
    {
        ProductBackend before = Float32Products.Current;
        Float32Products.Use(ProductBackend.Mkl);
        using AutogradTransformer model = AutogradTransformer.Create(plan, type, new RandomStreams(0));
        using OptimizerSet optimizers = OptimizerSet.For(plan, model.Weights, new OptimizerSettings { Choice = optimizer, MatrixLearningRate = 1e-6, LearningRate = 1e-6 });
        double[] seconds = new double[EagerSteps];
        for (int step = -1; step < seconds.Length; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            long begin = Stopwatch.GetTimestamp();
            TrainingStep.Accumulate(model, task, task.Batches(step));
            optimizers.Step(model.Gradients, 1, GradientClipping.Coefficient(TrainingStep.Norm(model), 1));
            if (step >= 0)
            {
                seconds[step] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            }
        }

        Float32Products.Use(before);
        return Median(seconds);
    }

    private static long NewTensors(Action step)
    {
        long before = torch.Tensor.TotalCount;
        step();
        return torch.Tensor.TotalCount - before;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private sealed class OneBatch : ITrainingTask
    {
        private readonly TrainingBatch[] _batches;
        private readonly CausalLanguageModelLoss _loss = new();

        public OneBatch(int vocabularySize, int rows, int length, RandomStream random)
        {
            int[] tokens = new int[rows * length];
            long[] targets = new long[rows * length];
            for (int i = 0; i < tokens.Length; i++)
            {
                (tokens[i], targets[i]) = (random.NextInt32(vocabularySize), random.NextInt32(vocabularySize));
            }

            _batches = [new TrainingBatch(new TokenBatch(rows, length, tokens), targets, targets.Length)];
        }

        public CausalLanguageModelLoss? CausalLoss => _loss;

        public IReadOnlyList<TrainingBatch> Batches(long step) => _batches;

        public LossValue Loss(TrainingBatch batch, HeadOutput output, torch.Tensor targets, long count) => _loss.Evaluate(output, targets, count);
    }
}
