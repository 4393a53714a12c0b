using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Athanor.Core.Artifacts;

namespace Athanor.Core.Machine;

/// <summary>What this machine is.</summary>
public static class MachineProbe
{
    /// <summary>The facts that an artifact's manifest keeps.</summary>
    public static MachineFacts Facts() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        $"{OperatingSystemName()} ({RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()})",
        RuntimeInformation.FrameworkDescription,
        Vectors());

    /// <summary>The largest resident set of this process since it began or since <see cref="ResetPeakMemory"/>, in bytes.</summary>
    public static long PeakMemoryBytes()
    {
        if (OperatingSystem.IsLinux() && LineOf("/proc/self/status", "VmHWM:") is string line && long.TryParse(line.Replace("kB", "", StringComparison.Ordinal).Trim(), out long kilobytes))
        {
            return kilobytes * 1024;
        }

        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Lets <see cref="PeakMemoryBytes"/> begin anew, where the system can (Linux).</summary>
    public static void ResetPeakMemory()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // proc(5): 5 resets the peak resident set
                using FileStream stream = new("/proc/self/clear_refs", FileMode.Open, FileAccess.Write);
                stream.Write("5"u8);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // the peak is then that of the whole process, an upper bound
        }
    }

    /// <summary>What the machine could still give without swapping, in bytes; null where the system does not tell (it does on Linux).</summary>
    public static long? FreeMemoryBytes()
        => LineOf("/proc/meminfo", "MemAvailable:") is string line && long.TryParse(line.Replace("kB", "", StringComparison.Ordinal).Trim(), out long kilobytes) ? kilobytes * 1024 : null;

    /// <summary>What is free on the disk that holds a folder, which need not be there yet, in bytes.</summary>
    public static long FreeDiskBytes(string folder)
    {
        string existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is string parent)
        {
            existing = parent;
        }

        return new DriveInfo(existing).AvailableFreeSpace;
    }

    /// <summary>The names of the NVIDIA GPUs that a driver serves (Linux).</summary>
    public static IReadOnlyList<string> Gpus()
    {
        const string drivers = "/proc/driver/nvidia/gpus";
        return Directory.Exists(drivers) ? [.. Directory.EnumerateDirectories(drivers).Select(gpu => LineOf(Path.Combine(gpu, "information"), "Model:") ?? "NVIDIA GPU")] : [];
    }

    private static string ProcessorName()
        => LineOf("/proc/cpuinfo", "model name")?.Trim(':', ' ', '\t')
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string OperatingSystemName() => LineOf("/etc/os-release", "PRETTY_NAME=")?.Trim('"') ?? RuntimeInformation.OSDescription;

    private static string Vectors()
        => Avx512BW.IsSupported ? "AVX-512"
            : Avx2.IsSupported ? "AVX2"
            : Sse42.IsSupported ? "SSE4.2"
            : System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? "NEON"
            : "none";

    private static string? LineOf(string path, string start)
    {
        try
        {
            return File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..].Trim() : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
