using System.Text.Json.Nodes;
using Athanor.Core.Files;
using Athanor.Models.Checkpoints;
using Athanor.Torch.Executors;
using Athanor.Training.Data;
using Athanor.Training.Loop;
using Athanor.Training.Optimizers;
using Athanor.Training.Schedules;

namespace Athanor.Conformance.Training;

public sealed class CurveKind : TrainKind
{
    public override string Kind => "train-curve";

    protected override void Run(ReferenceCase reference, Checkpoint checkpoint, ITrainableTransformer model, SafetensorsFile inputs, CaseResults results)
    {
        JsonObject parameters = reference.Parameters;
        long[] shape = [.. inputs.Tensors["batches"].Shape];
        long[] tokens = inputs.ReadIntegers("batches");
        int length = (int)shape[2];
        LearningRateSchedule schedule = LearningRateScheduleKind.Read(parameters["lr_schedule"]!.AsObject());
        using OptimizerSet optimizers = new([new OptimizerMember(
            "adamw",
            new Adam([.. checkpoint.Plan.Weights.Select(planned => new OptimizedParameter(planned.Name, model.Weights[planned.Name], planned.Decays))], OptimizerKind.ReadAdam(parameters["optimizer"]!.AsObject(), decoupled: true)),
            1)]);
        List<double> losses = [];
        List<double> norms = [];
        List<double> rates = [];
        for (int step = 0; step < parameters["steps"]!.GetValue<int>(); step++)
        {
            TokenRow[] rows = new TokenRow[shape[1]];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = new TokenRow(length) { Continuous = true };
                Array.Fill(rows[i].Mask, 1);
                for (int j = 0; j < length; j++)
                {
                    rows[i].Tokens[j] = (int)tokens[(((step * rows.Length) + i) * length) + j];
                }
            }

            losses.Add(TrainingStep.Accumulate(model, Task(reference), [TrainingBatch.From(rows, acrossDocuments: true)]).Loss);
            norms.Add(TrainingStep.Clip(model, parameters["clip_norm"]!.GetValue<double>()));
            rates.Add(schedule.At(step + 1));
            optimizers.Step(model.Gradients, rates[^1]);
        }

        results.AddValue("losses", losses);
        results.AddValue("gradient_norms", norms);
        results.AddValue("learning_rates", rates);
    }
}
