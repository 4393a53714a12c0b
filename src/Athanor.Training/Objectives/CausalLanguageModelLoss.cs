using Athanor.Torch.Executors;
using TorchSharp;

namespace Athanor.Training.Objectives;

/// <summary>
/// The loss of a causal language model: over every target token, l = (1−ε)(−log p) + ε · mean over the vocabulary of −log p + ζ (log Z)²
/// (label smoothing: Szegedy et al. 2016, section 7; z-loss: Chowdhery et al. 2022, PaLM, section 5), summed and divided by the number of
/// targets of the <em>whole</em> update, so that accumulated micro-batches give the gradient of the whole batch.
/// </summary>
/// <param name="LabelSmoothing">ε, from 0 to 1.</param>
/// <param name="ZLoss">ζ; PaLM used 10⁻⁴.</param>
public sealed record CausalLanguageModelLoss(double LabelSmoothing = 0, double ZLoss = 0)
{
    /// <summary>Evaluates the loss of a micro-batch and its gradient.</summary>
    /// <param name="output">What the head said.</param>
    /// <param name="targets"><c>[rows, length]</c>, int64; negative where nothing is predicted.</param>
    /// <param name="count">Targets of the whole update.</param>
    /// <returns>The micro-batch's share of the loss, a scalar tensor (no synchronisation with a device), and the gradient with respect to the head's outputs.</returns>
    public LossValue Evaluate(HeadOutput output, torch.Tensor targets, long count)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        using Scalar zero = 0;
        using Scalar share = 1.0 / count;
        using Scalar target = LabelSmoothing - 1;
        using Scalar smoothing = -LabelSmoothing;
        using Scalar square = ZLoss;
        using Scalar slope = 2 * ZLoss;
        torch.Tensor weights = targets.ge(zero).to_type(output.LogProbability.dtype).mul_(share);
        torch.Tensor loss = output.LogProbability.detach().mul(target);
        torch.Tensor onTarget = weights.mul(target);
        torch.Tensor onMean;
        if (LabelSmoothing != 0)
        {
            loss.add_(output.MeanLogProbability.detach().mul(smoothing));
            onMean = weights.mul(smoothing);
        }
        else
        {
            onMean = torch.zeros_like(weights);
        }

        torch.Tensor onPartition;
        if (ZLoss != 0)
        {
            torch.Tensor partition = output.LogPartition.detach();
            loss.add_(partition.square().mul_(square));
            onPartition = (weights * partition).mul_(slope);
        }
        else
        {
            onPartition = torch.zeros_like(weights);
        }

        torch.Tensor total = (loss * weights).sum();
        return new LossValue(
            total.MoveToOuterDisposeScope(),
            new HeadOutput(onTarget.MoveToOuterDisposeScope(), onPartition.MoveToOuterDisposeScope(), onMean.MoveToOuterDisposeScope()));
    }
}

/// <summary>A loss and its gradient.</summary>
/// <param name="Loss">A scalar tensor.</param>
/// <param name="Gradient">With respect to the head's outputs.</param>
public sealed record LossValue(torch.Tensor Loss, HeadOutput Gradient);
