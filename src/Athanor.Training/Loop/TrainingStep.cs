using Athanor.Torch.Executors;
using Athanor.Training.Data;
using Athanor.Training.Objectives;
using Athanor.Training.Optimizers;
using TorchSharp;

namespace Athanor.Training.Loop;

/// <summary>The gradient of one update: forward and backward over its micro-batches, whose gradients add up.</summary>
public static class TrainingStep
{
    /// <summary>Leaves the gradient of the update's loss in the model and gives the loss.</summary>
    /// <returns>The loss and how many targets it is the mean of; 0 of 0 when the update has no target.</returns>
    public static StepLoss Accumulate(ITrainableTransformer model, ITrainingTask task, IReadOnlyList<TrainingBatch> batches)
    {
        model.ClearGradients();
        CausalLanguageModelLoss? causal = task.CausalLoss;
        long count = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            count += batches[i].TargetCount;
        }

        double total = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            TrainingBatch batch = batches[i];
            if (batch.TargetCount == 0)
            {
                continue;
            }

            if (model is FusedTransformer fused && causal is not null)
            {
                total += fused.Accumulate(batch.Tokens, batch.Targets.Span, causal.LabelSmoothing, causal.ZLoss, count);
                continue;
            }

            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor targets = TargetsOf(model, batch);
            model.Forward(batch.Tokens);
            HeadOutput output = model.Head(targets);
            LossValue loss = task.Loss(batch, output, targets, count);
            model.Backward(loss.Gradient);
            total += loss.Loss.to_type(torch.ScalarType.Float64).item<double>();
        }

        return new StepLoss(total, count);
    }

    /// <summary>The global norm of the model's gradients; not finite when one is not.</summary>
    public static double Norm(ITrainableTransformer model) => model is FusedTransformer fused
        ? fused.GradientNorm()
        : GradientClipping.Norm(model.Weights.Keys.Order(StringComparer.Ordinal).Select(name => model.Gradients[name]));

    /// <summary>The global norm of the model's gradients, which are then clipped to a maximum.</summary>
    /// <returns>The norm before clipping; not finite when a gradient is not, and then nothing is clipped.</returns>
    public static double Clip(ITrainableTransformer model, double? maximumNorm)
    {
        double norm = Norm(model);
        if (maximumNorm is { } maximum && double.IsFinite(norm))
        {
            GradientClipping.Clip(model.Gradients.Values, norm, maximum);
        }

        return norm;
    }

    /// <summary>The targets of a micro-batch on the model's device.</summary>
    internal static torch.Tensor TargetsOf(ITrainableTransformer model, TrainingBatch batch) =>
        torch.tensor(batch.Targets.ToArray(), [batch.Tokens.Rows, batch.Tokens.Length], torch.ScalarType.Int64, model.Weights.First().Value.device);
}

/// <summary>The loss of an update.</summary>
/// <param name="Loss">The mean over the targets, in nats.</param>
/// <param name="Targets">How many there are.</param>
public readonly record struct StepLoss(double Loss, long Targets);
