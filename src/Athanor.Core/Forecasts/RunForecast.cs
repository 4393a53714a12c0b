using Athanor.Core.Artifacts;
using Athanor.Core.Machine;
using Athanor.Core.Runs;

namespace Athanor.Core.Forecasts;

/// <summary>What a run will cost on this machine, and whether it fits.</summary>
public sealed class RunForecast
{
    // what the heap keeps of its largest size so far (measured)
    private const double KeptOfHeap = 0.9;

    private RunForecast(IReadOnlyList<(PlannedStage Stage, StageForecast? Forecast)> stages, long freeDiskBytes, long memoryBytes)
    {
        Stages = stages;
        FreeDiskBytes = freeDiskBytes;
        MemoryBytes = memoryBytes;
    }

    /// <summary>Each stage with its forecast; null where a stage cannot tell.</summary>
    public IReadOnlyList<(PlannedStage Stage, StageForecast? Forecast)> Stages { get; }

    /// <summary>What each stage that can tell is expected to cost, by its name.</summary>
    public IReadOnlyDictionary<string, ExpectedCost> Expected => Stages.Where(stage => stage.Forecast is not null).ToDictionary(
        stage => stage.Stage.Stage.Name,
        stage => new ExpectedCost(Math.Round(stage.Forecast!.Seconds, 3), stage.Forecast.PeakMemoryBytes, stage.Forecast.DiskBytes, stage.Forecast.Flop));

    /// <summary>What is free on the disk of the runs, in bytes.</summary>
    public long FreeDiskBytes { get; }

    /// <summary>What this process may take, in bytes.</summary>
    public long MemoryBytes { get; }

    /// <summary>Time of what is to do, in seconds.</summary>
    public double Seconds => ToDo.Sum(forecast => forecast.Seconds);

    /// <summary>Floating-point operations of what is to do.</summary>
    public double Flop => ToDo.Sum(forecast => forecast.Flop);

    /// <summary>What the artifacts to come will take on disk, in bytes.</summary>
    public long DiskBytes => ToDo.Sum(forecast => forecast.DiskBytes);

    /// <summary>The most that will be taken on disk while the run goes on, in bytes.</summary>
    public long PeakDiskBytes
    {
        get
        {
            long kept = 0;
            long most = 0;
            foreach (StageForecast forecast in ToDo)
            {
                most = Math.Max(most, kept + forecast.DiskBytes + forecast.CheckpointBytes);
                kept += forecast.DiskBytes;
            }

            return most;
        }
    }

    /// <summary>The largest resident set: what the hungriest stage to do takes, in bytes.</summary>
    public long PeakMemoryBytes => ToDo.Select(forecast => forecast.PeakMemoryBytes).DefaultIfEmpty().Max();

    /// <summary>What does not fit and what to change; empty where all fits.</summary>
    public IReadOnlyList<(string Fault, string Cure)> Faults
    {
        get
        {
            List<(string, string)> faults = [];
            foreach ((PlannedStage stage, StageForecast? forecast) in Stages)
            {
                if (stage.Status != StageStatus.Done && forecast?.PeakMemoryBytes > MemoryBytes)
                {
                    faults.Add(($"{stage.Stage.Name} needs {Gigabytes(forecast.PeakMemoryBytes)} of memory and this process may take {Gigabytes(MemoryBytes)}", "lower depth, context_length or micro_batch_rows"));

                    // the heap's share is carried on to every later stage, so that the first is the one to change
                    break;
                }
            }

            if (PeakDiskBytes > FreeDiskBytes)
            {
                faults.Add(($"the run needs {Gigabytes(PeakDiskBytes)} of disk and {Gigabytes(FreeDiskBytes)} are free", "free some, or name another folder with --runs"));
            }

            return faults;
        }
    }

    private IEnumerable<StageForecast> ToDo => Stages.Where(stage => stage.Stage.Status != StageStatus.Done).Select(stage => stage.Forecast).OfType<StageForecast>();

    /// <summary>Asks every stage; measures what is not known of this machine yet, a few seconds.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="machine">What was measured.</param>
    /// <param name="cancellation">Stops between stages.</param>
    public static RunForecast Of(RunPlan plan, MachineMeasurements machine, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Dictionary<string, ArtifactForecast> outputs = [];
        List<(PlannedStage, StageForecast?)> stages = [];
        long memory = 0;
        foreach (PlannedStage planned in plan.Stages)
        {
            cancellation.ThrowIfCancellationRequested();

            // an artifact from outside, or one whose maker cannot tell, has no forecast: then nobody downstream can tell either
            bool known = plan.Stages.Any(stage => stage.Status != StageStatus.Done) && planned.Stage.Inputs.All(input => outputs.ContainsKey(input.Reference));
            StageForecast? forecast = known ? planned.Stage.Stage.Forecast(planned.Stage.Settings, new ForecastContext(outputs, machine)) : null;
            if (forecast is not null)
            {
                if (planned.Status != StageStatus.Done)
                {
                    forecast = forecast with { PeakMemoryBytes = Math.Max(forecast.PeakMemoryBytes, (long)(KeptOfHeap * memory) + forecast.NewMemoryBytes) };
                    memory = Math.Max(memory, forecast.PeakMemoryBytes);
                }

                outputs[planned.Stage.Name] = forecast.Output;
            }

            stages.Add((planned, forecast));
        }

        return new RunForecast(stages, MachineProbe.FreeDiskBytes(plan.Folder), MachineProbe.Facts().MemoryBytes);
    }

    private static string Gigabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e9:0.0} GB");
}
