using System.Text.Json.Nodes;
using Athanor.Training.Schedules;

namespace Athanor.Conformance.Training;

public sealed class LearningRateScheduleKind : IConformanceKind
{
    public string Kind => "lr-schedule";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32, Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        LearningRateSchedule schedule = Read(reference.Parameters);
        results.AddValue("learning_rates", reference.Parameters["steps"]!.AsArray().Select(step => schedule.At(step!.GetValue<long>())));
    }

    internal static LearningRateSchedule Read(JsonObject parameters) => new()
    {
        Shape = parameters["schedule"]!.GetValue<string>() switch
        {
            "constant" => ScheduleShape.Constant,
            "linear" => ScheduleShape.Linear,
            "cosine" => ScheduleShape.Cosine,
            "polynomial" => ScheduleShape.Polynomial,
            "wsd" => ScheduleShape.WarmupStableDecay,
            "inverse-sqrt" => ScheduleShape.InverseSquareRoot,
            string other => throw new InvalidDataException($"unknown schedule {other}"),
        },
        BaseRate = parameters["base_lr"]!.GetValue<double>(),
        WarmupSteps = parameters["warmup_steps"]!.GetValue<long>(),
        TotalSteps = parameters["total_steps"]!.GetValue<long>(),
        MinimumRate = parameters["min_lr"]?.GetValue<double>() ?? 0,
        Power = parameters["power"]?.GetValue<double>() ?? 1,
        DecaySteps = parameters["decay_steps"]?.GetValue<long>() ?? 0,
        DecayShape = parameters["decay_shape"]?.GetValue<string>() switch
        {
            null or "linear" => DecayShape.Linear,
            "1-sqrt" => DecayShape.OneMinusSquareRoot,
            string other => throw new InvalidDataException($"unknown decay {other}"),
        },
    };
}
