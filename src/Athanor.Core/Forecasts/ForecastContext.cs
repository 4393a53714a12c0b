namespace Athanor.Core.Forecasts;

/// <summary>What a stage's forecast may look at: what its inputs will be, and what was measured of this machine.</summary>
/// <param name="inputs">What the inputs will be, by the name the settings give them.</param>
/// <param name="machine">What this machine gives.</param>
public sealed class ForecastContext(IReadOnlyDictionary<string, ArtifactForecast> inputs, MachineMeasurements machine)
{
    /// <summary>A process that has loaded the runtime and nothing else, in bytes (measured).</summary>
    public const long EmptyProcessBytes = 180L << 20;

    // the speed of SHA-256 on the machine on which the costs of text work were measured
    private const double ReferenceSha256 = 1.5e9;

    /// <summary>What this machine gives.</summary>
    public MachineMeasurements Machine => machine;

    /// <summary>What an input will be.</summary>
    public ArtifactForecast Input(string reference) => inputs[reference];

    /// <summary>Turns the seconds that text work took on a core with SHA-256 at 1.5 GB/s into seconds of this machine.</summary>
    public double TextSeconds(double referenceSeconds) => referenceSeconds * ReferenceSha256 / machine.Sha256;
}
