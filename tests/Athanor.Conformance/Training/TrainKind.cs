using Athanor.Core.Files;
using Athanor.Models.Checkpoints;
using Athanor.Models.Families;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Training.Data;
using Athanor.Training.Loop;
using Athanor.Training.Objectives;
using Athanor.Training.Optimizers;
using TorchSharp;

namespace Athanor.Conformance.Training;

/// <summary>Opens the model and the batch of a training case and gives back gradients under the checkpoint's names.</summary>
public abstract class TrainKind : IConformanceKind
{
    public abstract string Kind { get; }

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32, Precision.Fp64, Precision.Fp32Fused];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using Checkpoint checkpoint = Checkpoint.Open(reference.Checkpoint);
        using ITrainableTransformer model = precision == Precision.Fp32Fused
            ? FusedTransformer.Load(checkpoint, FloatType.Float32)
            : AutogradTransformer.Load(checkpoint, precision == Precision.Fp32 ? FloatType.Float32 : FloatType.Float64);
        using SafetensorsFile inputs = reference.OpenInputs();
        Run(reference, checkpoint, model, inputs, results);
    }

    protected abstract void Run(ReferenceCase reference, Checkpoint checkpoint, ITrainableTransformer model, SafetensorsFile inputs, CaseResults results);

    /// <summary>The rows of a case, cut into micro-batches of equal size.</summary>
    protected static IReadOnlyList<TrainingBatch> Batches(SafetensorsFile inputs, int microBatches)
    {
        long[] shape = [.. inputs.Tensors["input_ids"].Shape];
        int length = (int)shape[1];
        long[] tokens = inputs.ReadIntegers("input_ids");
        long[]? documents = inputs.Tensors.ContainsKey("document_ids") ? inputs.ReadIntegers("document_ids") : null;
        long[]? mask = inputs.Tensors.ContainsKey("loss_mask") ? inputs.ReadIntegers("loss_mask") : null;
        TokenRow[] rows = new TokenRow[shape[0]];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new TokenRow(length) { Continuous = documents is null };
            for (int j = 0; j < length; j++)
            {
                rows[i].Tokens[j] = (int)tokens[(i * length) + j];
                rows[i].Documents[j] = documents is null ? 0 : (int)documents[(i * length) + j];
                rows[i].Mask[j] = mask is null ? 1 : (int)mask[(i * length) + j];
            }
        }

        return [.. rows.Chunk(rows.Length / microBatches).Select(chunk => TrainingBatch.From(chunk, acrossDocuments: documents is null))];
    }

    protected static CausalLanguageModelTask Task(ReferenceCase reference) => new(
        null!,
        new CausalLanguageModelLoss(reference.Parameters["label_smoothing"]?.GetValue<double>() ?? 0, reference.Parameters["z_loss"]?.GetValue<double>() ?? 0));

    protected static void AddGradients(Checkpoint checkpoint, ITrainableTransformer model, CaseResults results)
    {
        foreach (PublishedWeight published in checkpoint.Family.PublishedWeights(checkpoint.Spec))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor gradient = torch.cat([.. published.Canonical.Select(name => model.Gradients[name])], 0);
            results.Add($"grad.{published.Name}", published.Transposed ? gradient.t() : gradient);
        }
    }
}

public sealed class LossGradientKind : TrainKind
{
    public override string Kind => "train-loss-grad";

    protected override void Run(ReferenceCase reference, Checkpoint checkpoint, ITrainableTransformer model, SafetensorsFile inputs, CaseResults results)
    {
        StepLoss loss = TrainingStep.Accumulate(model, Task(reference), Batches(inputs, 1));
        results.AddValue("loss", loss.Loss);
        results.AddValue("counted_tokens", loss.Targets);
        AddGradients(checkpoint, model, results);
    }
}

public sealed class AccumulationKind : TrainKind
{
    public override string Kind => "train-accumulation";

    protected override void Run(ReferenceCase reference, Checkpoint checkpoint, ITrainableTransformer model, SafetensorsFile inputs, CaseResults results)
    {
        IReadOnlyList<TrainingBatch> batches = Batches(inputs, reference.Parameters["micro_batches"]!.GetValue<int>());
        results.AddValue("micro_counted_tokens", batches.Select(batch => batch.TargetCount));
        results.AddValue("micro_loss_sums", batches.Select(batch => TrainingStep.Accumulate(model, Task(reference), [batch]).Loss * batch.TargetCount).ToArray());
        StepLoss loss = TrainingStep.Accumulate(model, Task(reference), batches);
        results.AddValue("loss", loss.Loss);
        results.AddValue("counted_tokens", loss.Targets);
        AddGradients(checkpoint, model, results);
    }
}

public sealed class ClipKind : TrainKind
{
    public override string Kind => "train-clip";

    protected override void Run(ReferenceCase reference, Checkpoint checkpoint, ITrainableTransformer model, SafetensorsFile inputs, CaseResults results)
    {
        double maximum = reference.Parameters["max_norm"]!.GetValue<double>();
        TrainingStep.Accumulate(model, Task(reference), Batches(inputs, 1));
        double norm = TrainingStep.Clip(model, maximum);
        results.AddValue("total_norm", norm);
        results.AddValue("coefficient", GradientClipping.Coefficient(norm, maximum));
        AddGradients(checkpoint, model, results);
    }
}
