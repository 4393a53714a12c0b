using Athanor.Torch.Executors;
using Athanor.Training.Data;
using Athanor.Training.Objectives;
using TorchSharp;

namespace Athanor.Training.Loop;

/// <summary>Predicting the next token of a mixture: pre-training, and with a mask instruction tuning.</summary>
/// <param name="batches">Where batches come from.</param>
/// <param name="loss">The loss.</param>
public sealed class CausalLanguageModelTask(MixedBatches batches, CausalLanguageModelLoss loss) : ITrainingTask
{
    /// <inheritdoc/>
    public CausalLanguageModelLoss? CausalLoss => loss;

    /// <inheritdoc/>
    public IReadOnlyList<TrainingBatch> Batches(long step) => batches.Batches(step);

    /// <inheritdoc/>
    public LossValue Loss(TrainingBatch batch, HeadOutput output, torch.Tensor targets, long count) => loss.Evaluate(output, targets, count);
}
