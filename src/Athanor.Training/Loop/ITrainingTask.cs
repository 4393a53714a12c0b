using Athanor.Torch.Executors;
using Athanor.Training.Data;
using Athanor.Training.Objectives;
using TorchSharp;

namespace Athanor.Training.Loop;

/// <summary>What is learnt: batches and a loss. Pre-training, tuning, preferences and policies differ in nothing else.</summary>
public interface ITrainingTask
{
    /// <summary>The micro-batches of an update, a function of the step alone.</summary>
    /// <param name="step">Updates made before it.</param>
    IReadOnlyList<TrainingBatch> Batches(long step);

    /// <summary>The share of a micro-batch in the update's loss, and its gradient with respect to what the head said.</summary>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="output">What the head said.</param>
    /// <param name="targets">The micro-batch's targets as a tensor.</param>
    /// <param name="count">Targets of the whole update.</param>
    LossValue Loss(TrainingBatch batch, HeadOutput output, torch.Tensor targets, long count);

    /// <summary>The loss where it is that of a causal language model and nothing else, which an executor may compute with the head in one; null for any other.</summary>
    CausalLanguageModelLoss? CausalLoss => null;
}
