using System.Globalization;
using Athanor.Core.Artifacts;
using Athanor.Core.Metrics;
using Athanor.Core.Stages;

namespace Athanor.Reporting;

/// <summary>Everything the report draws, read from artifacts alone.</summary>
/// <param name="Title">The run's name.</param>
/// <param name="Run">The run, or null for a report made by itself.</param>
/// <param name="Artifacts">The artifacts by their names in the run, in order.</param>
/// <param name="Created">When the report was made.</param>
public sealed record ReportData(string Title, RunDescription? Run, IReadOnlyList<NamedArtifact> Artifacts, DateTimeOffset Created)
{
    /// <summary>The artifact of a kind, where there is one.</summary>
    public Artifact? Find(ArtifactKind kind) => Artifacts.FirstOrDefault(one => one.Artifact.Manifest.Kind == kind)?.Artifact;

    /// <summary>The models in the order they were made.</summary>
    public IEnumerable<NamedArtifact> Models => Artifacts.Where(one => one.Artifact.Manifest.Kind == ArtifactKind.Model);

    /// <summary>The curves of an artifact.</summary>
    public static IReadOnlyList<MetricsEntry> MetricsOf(Artifact artifact) =>
        artifact.Has(MetricsLog.FileName) ? MetricsLog.Read(artifact.PathOf(MetricsLog.FileName)) : [];
}

/// <summary>An artifact under the name its run gives it.</summary>
/// <param name="Name">The name in the run.</param>
/// <param name="Artifact">The artifact.</param>
public sealed record NamedArtifact(string Name, Artifact Artifact);

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    /// <summary>A count: <c>1.3 million</c>.</summary>
    public static string Count(double value) => Math.Abs(value) switch
    {
        >= 1e12 => Format(value / 1e12, "trillion"),
        >= 1e9 => Format(value / 1e9, "billion"),
        >= 1e6 => Format(value / 1e6, "million"),
        >= 1e4 => value.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>A size in bytes: <c>5.3 MB</c> (powers of ten).</summary>
    public static string Bytes(double value) => Math.Abs(value) switch
    {
        >= 1e9 => Format(value / 1e9, "GB"),
        >= 1e6 => Format(value / 1e6, "MB"),
        >= 1e3 => Format(value / 1e3, "kB"),
        _ => Format(value, "bytes"),
    };

    /// <summary>A time: <c>4 min 12 s</c>.</summary>
    public static string Time(double seconds) => seconds switch
    {
        >= 3600 => $"{(int)(seconds / 3600)} h {(int)(seconds % 3600 / 60)} min",
        >= 60 => $"{(int)(seconds / 60)} min {(int)(seconds % 60)} s",
        >= 10 => $"{seconds:0} s",
        _ => $"{seconds:0.0} s",
    };

    /// <summary>A number of operations in powers of ten: <c>2.5·10¹³</c>.</summary>
    public static string Power(double value)
    {
        if (value <= 0)
        {
            return "0";
        }

        int exponent = (int)Math.Floor(Math.Log10(value));
        string raised = string.Concat(exponent.ToString(CultureInfo.InvariantCulture).Select(digit => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit - '0']));
        return string.Create(CultureInfo.InvariantCulture, $"{value / Math.Pow(10, exponent):0.0}·10{raised}");
    }

    /// <summary>A share in percent: <c>97.5 %</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    private static string Format(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {unit}");
}
