using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.Progress;
using Athanor.Core.Artifacts;
using Athanor.Core.Machine;
using Athanor.Torch.Loading;
using Athanor.Torch.Measuring;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor doctor</c>: what this machine is and what that means for a run.</summary>
internal static class DoctorCommand
{
    // what the quickstart's two trainings need, and what share of the best matrix products they reached when its recipe was measured
    private const double QuickstartFlop = 2.45e13;
    private const double QuickstartShare = 0.55;
    private const long QuickstartMemory = 2L << 30;
    private const long QuickstartDisk = 1L << 30;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("doctor", "Look at this machine: SDK, memory, disk, speed, and what each means for a run.") { json };
        command.SetAction((result, cancellation) =>
        {
            IReadOnlyList<Finding> findings = Examine(TorchLoader.Load, cancellation);
            Write(findings, result.GetValue(json), result.InvocationConfiguration.Output);
            return Task.FromResult(findings.All(finding => finding.IsGood) ? 0 : 2);
        });
        return command;
    }

    internal static void Write(IReadOnlyList<Finding> findings, bool json, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(new JsonArray([.. findings.Select(finding => (JsonNode)new JsonObject
            {
                ["name"] = finding.Name,
                ["value"] = finding.Value,
                ["number"] = finding.Number,
                ["unit"] = finding.Unit,
                ["good"] = finding.IsGood,
                ["meaning"] = finding.Meaning,
            })]).ToJsonString(Indented));
            return;
        }

        int width = findings.Max(finding => finding.Name.Length);
        foreach (Finding finding in findings)
        {
            output.WriteLine($"{(finding.IsGood ? "ok " : "!! ")}{finding.Name.PadRight(width)}  {finding.Value}");
            output.WriteLine($"   {new string(' ', width)}  {finding.Meaning}");
        }
    }

    /// <param name="load">Loads libtorch, or throws.</param>
    /// <param name="cancellation">Stops the measurements.</param>
    internal static List<Finding> Examine(Action load, CancellationToken cancellation)
    {
        MachineFacts machine = MachineProbe.Facts();
        long free = MachineProbe.FreeDiskBytes(".");
        List<Finding> findings =
        [
            Sdk(),
            new("runtime", $"{machine.Framework} on {machine.OperatingSystem}", "Athanor needs .NET 10", Environment.Version.Major >= 10),
            new("processor", $"{machine.Processor}, {machine.Cores} cores", "training and evaluation use all of them"),
            new("vectors", machine.Vectors, machine.Vectors.Contains("512", StringComparison.Ordinal) ? "the widest there are" : "narrower than AVX-512: matrix products take up to twice as long"),
            Memory(machine.MemoryBytes, MachineProbe.FreeMemoryBytes()),
            new("disk", $"{Quantities.Bytes(free)} free here", $"a quickstart writes under {Quantities.Bytes(QuickstartDisk)}", free > QuickstartDisk, free, "bytes"),
        ];
        double bandwidth = Calibration.MemoryBandwidth(cancellation);
        findings.Add(new("memory speed", Rate(bandwidth), "what is not a matrix product runs at this pace", true, bandwidth, "bytes/s"));
        double sha = Calibration.Sha256();
        findings.Add(new("SHA-256", Rate(sha), "one core; a calibration to compare machines by", true, sha, "bytes/s"));
        findings.AddRange(Torch(load, cancellation));
        findings.Add(Gpu());
        return findings;
    }

    private static Finding Sdk()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string version = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            bool works = process.ExitCode == 0;
            return new("SDK", works ? version : "the one that global.json asks for is missing", works ? "builds Athanor, and its documentation is the quickstart's corpus" : "install the .NET 10 SDK: https://dot.net/download", works);
        }
        catch (Win32Exception)
        {
            return new("SDK", "no dotnet on the PATH", "a built Athanor runs without it; building, and the quickstart's corpus, need it: https://dot.net/download", false);
        }
    }

    private static Finding Memory(long bytes, long? free)
    {
        bool enough = bytes >= QuickstartMemory && free is not < QuickstartMemory;
        string value = free is long now ? $"{Quantities.Bytes(bytes)} for this process, {Quantities.Bytes(now)} of the machine's free now" : $"{Quantities.Bytes(bytes)} for this process";
        return new("memory", value, enough ? "a quickstart needs under 2 GiB" : "a quickstart needs 2 GiB: close other programs, raise the container's limit, or use --profile smoke", enough, bytes, "bytes");
    }

    private static List<Finding> Torch(Action load, CancellationToken cancellation)
    {
        try
        {
            load();
            MatrixSpeed speed = MatrixSpeed.Measure(cancellation);
            double seconds = QuickstartFlop / (speed.Float32 * 1e9 * QuickstartShare);
            return
            [
                new("libtorch", TorchLoader.Folder, "loaded"),
                new("libstdc++", TorchLoader.StandardLibraryState, "libtorch runs with it"),
                Product("fp32 by MKL", speed.Float32Mkl, speed.FasterBackend == ProductBackend.Mkl ? "what training uses" : "training uses oneDNN, which is as fast or faster"),
                speed.Float32OneDnn is double oneDnn
                    ? Product("fp32 by oneDNN", oneDnn, speed.FasterBackend == ProductBackend.OneDnn ? "what training uses" : "slower than MKL here, so training leaves it")
                    : new("fp32 by oneDNN", "not exact here", "training uses MKL"),
                Product("bf16", speed.BFloat16, speed.BFloat16 > 3 * speed.Float32 ? "so much faster that training takes it where number_type is auto" : "not three times as fast as fp32, so training stays in fp32"),
                new("quickstart", $"about {Quantities.Duration(TimeSpan.FromSeconds(seconds))} of training", $"an estimate: {QuickstartFlop:0.0e0} FLOP at {QuickstartShare:P0} of the fp32 speed, other programs aside", true, seconds, "seconds"),
            ];
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException or NotSupportedException or Core.Errors.AthanorException)
        {
            return [new("libtorch", exception.GetBaseException().Message, "training needs it: restore the packages with ./athanor or dotnet build, on Linux x64 with glibc 2.36 or newer", false)];
        }
    }

    private static Finding Product(string name, double gigaflops, string meaning) =>
        new(name, string.Create(CultureInfo.InvariantCulture, $"{gigaflops:0} GFLOP/s"), meaning, true, gigaflops * 1e9, "FLOP/s");

    private static Finding Gpu() => MachineProbe.Gpus() is { Count: > 0 } names
        ? new("GPU", string.Join(", ", names), "not used: this version trains on the processor")
        : new("GPU", "none seen", "not needed: this version trains on the processor");

    private static string Rate(double bytesPerSecond) => string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1e9:0.0} GB/s");
}

/// <summary>One thing about the machine.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Value">What was found.</param>
/// <param name="Meaning">What that means for a run.</param>
/// <param name="IsGood">Whether a run can work with it.</param>
/// <param name="Number">The value as a number, where it is one.</param>
/// <param name="Unit">The number's unit.</param>
internal sealed record Finding(string Name, string Value, string Meaning, bool IsGood = true, double? Number = null, string? Unit = null);
