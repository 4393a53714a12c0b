using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Machine;

namespace Athanor.Core.Forecasts;

/// <summary>
/// Short measurements of this machine by name, kept in a file beside the runs, so that they are taken once. They are taken anew after a week, on another machine, with another
/// number of threads and by another build of Athanor. A damaged file counts as none.
/// </summary>
public sealed class MachineMeasurements
{
    /// <summary>The name of the file in the folder of runs.</summary>
    public const string FileName = ".machine.json";

    private static readonly TimeSpan Stale = TimeSpan.FromDays(7);

    private readonly string _path;
    private readonly string _identity;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, double> _values = [];
    private DateTimeOffset _taken;

    private MachineMeasurements(string path, string identity, TimeProvider clock)
    {
        _path = path;
        _identity = identity;
        _clock = clock;
        _taken = clock.GetUtcNow();
    }

    /// <summary>SHA-256 on one core, in bytes a second.</summary>
    public double Sha256 => Measure("sha256", Calibration.Sha256);

    /// <summary>Opens the measurements beside runs.</summary>
    /// <param name="runs">The folder that holds the runs.</param>
    /// <param name="clock">The clock.</param>
    public static MachineMeasurements Open(string runs, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        MachineFacts machine = MachineProbe.Facts();
        string threads = Environment.GetEnvironmentVariable("OMP_NUM_THREADS") ?? "all";
        string identity = $"{machine.Processor}, {machine.Cores} cores, {machine.Vectors}, {threads} threads, {machine.Framework}, {typeof(MachineMeasurements).Module.ModuleVersionId}";
        MachineMeasurements measurements = new(Path.Combine(runs, FileName), identity, clock);
        measurements.Read();
        return measurements;
    }

    /// <summary>A measurement that was taken before, or is taken now and kept.</summary>
    /// <param name="name">What is measured, with everything it depends on.</param>
    /// <param name="measure">Takes it; a fraction of a second to a few seconds.</param>
    public double Measure(string name, Func<double> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        if (!_values.TryGetValue(name, out double value))
        {
            value = measure();
            _values[name] = value;
            Write();
        }

        return value;
    }

    private void Read()
    {
        try
        {
            if (File.Exists(_path) && new FileInfo(_path).Length < 1 << 20 && JsonNode.Parse(File.ReadAllText(_path)) is JsonObject file
                && (string?)file["machine"] == _identity && (DateTimeOffset?)file["taken"] is { } taken && _clock.GetUtcNow() - taken < Stale && file["values"] is JsonObject values)
            {
                _taken = taken;
                foreach ((string name, JsonNode? value) in values)
                {
                    _values[name] = (double)value!;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            _values.Clear();
        }
    }

    private void Write() => AtomicFile.WriteText(_path, new JsonObject
    {
        ["machine"] = _identity,
        ["taken"] = _taken,
        ["values"] = new JsonObject(_values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
}
