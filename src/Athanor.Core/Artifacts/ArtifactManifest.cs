using System.Text.Json;

namespace Athanor.Core.Artifacts;

/// <summary>What an artifact is and how it was made: its <c>artifact.json</c>.</summary>
public sealed record ArtifactManifest
{
    /// <summary>The name of the file in the artifact's folder.</summary>
    public const string FileName = "artifact.json";

    /// <summary>What the folder holds.</summary>
    public required ArtifactKind Kind { get; init; }

    /// <summary>SHA-256 (hexadecimal) over stage, version, canonical settings and keys of inputs.</summary>
    public required string Key { get; init; }

    /// <summary>The stage's name, such as <c>corpus.build</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>The stage's version.</summary>
    public required int StageVersion { get; init; }

    /// <summary>The settings as they were resolved, with every default.</summary>
    public required JsonElement Settings { get; init; }

    /// <summary>Keys of the input artifacts and digests of files from outside, by what the settings called them.</summary>
    public required IReadOnlyDictionary<string, string> Inputs { get; init; }

    /// <summary>Size and SHA-256 of each file, by path relative to the folder.</summary>
    public required IReadOnlyDictionary<string, ArtifactFile> Files { get; init; }

    /// <summary>What it cost.</summary>
    public required ArtifactCost Cost { get; init; }

    /// <summary>What it was expected to cost, predicted on the same machine before the run began; null where nobody could tell.</summary>
    public ExpectedCost? Expected { get; init; }

    /// <summary>The machine it was made on.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>When it was finished.</summary>
    public required DateTimeOffset Created { get; init; }
}

/// <summary>One file of an artifact.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its digest, hexadecimal.</param>
public sealed record ArtifactFile(long Bytes, string Sha256);

/// <summary>What an artifact cost to make; zero where it does not apply.</summary>
/// <param name="Seconds">Time spent, summed over interruptions.</param>
/// <param name="PeakMemoryBytes">The process's largest resident set.</param>
/// <param name="Tokens">Tokens trained on or scored.</param>
/// <param name="Flop">Floating-point operations by the formula the stage states.</param>
public sealed record ArtifactCost(double Seconds, long PeakMemoryBytes, long Tokens, double Flop);

/// <summary>What an artifact was expected to cost.</summary>
/// <param name="Seconds">Time.</param>
/// <param name="PeakMemoryBytes">The process's largest resident set.</param>
/// <param name="DiskBytes">What it takes on disk.</param>
/// <param name="Flop">Floating-point operations.</param>
public sealed record ExpectedCost(double Seconds, long PeakMemoryBytes, long DiskBytes, double Flop);

/// <summary>The machine something ran on.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Cores">Logical cores.</param>
/// <param name="MemoryBytes">Memory available to the process.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="Framework">The .NET runtime.</param>
/// <param name="Vectors">The widest vector instructions used, such as <c>AVX-512</c>.</param>
public sealed record MachineFacts(string Processor, int Cores, long MemoryBytes, string OperatingSystem, string Framework, string Vectors);
