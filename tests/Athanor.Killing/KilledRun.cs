using System.Diagnostics;
using Athanor.Core.Randomness;

namespace Athanor.Killing;

/// <summary>How a run is disturbed.</summary>
internal enum Disturbance
{
    /// <summary>The process is killed; what it wrote is there.</summary>
    Kill,

    /// <summary>The power goes; only what was flushed is there.</summary>
    PowerCut,

    /// <summary>The power goes; what was flushed is there, and by chance some of the rest.</summary>
    PartialPowerCut,
}

/// <summary>A run that is disturbed at random moments until it has ended in spite of it.</summary>
/// <param name="folder">Where it lies.</param>
/// <param name="type">The number type.</param>
/// <param name="start">Starts a process that goes on with the run in a folder, noting flushes where asked to; it is killed.</param>
internal sealed class KilledRun(string folder, string type, Func<string, string, bool, Process> start)
{
    private string Journal => Path.Combine(folder, "journal");

    /// <summary>Disturbs the run once.</summary>
    /// <param name="disturbance">How.</param>
    /// <param name="stage">The stage whose beginning is waited for; null for that of the run. One that is done already is not waited for.</param>
    /// <param name="moment">How long after that beginning.</param>
    /// <param name="random">Chance, for what a partial power cut leaves.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Whether the run had ended before.</returns>
    public async Task<bool> DisturbAsync(Disturbance disturbance, string? stage, TimeSpan moment, RandomStream random, CancellationToken cancellation)
    {
        TinyRun run = new(folder, type);
        Directory.CreateDirectory(folder);
        File.Delete(run.Log);
        using Process child = start(folder, type, disturbance != Disturbance.Kill);
        try
        {
            while (!child.HasExited && !(File.Exists(run.Log) && (stage is null || run.Reached(stage))))
            {
                await Task.Delay(2, cancellation).ConfigureAwait(false);
            }

            await Task.WhenAny(child.WaitForExitAsync(cancellation), Task.Delay(moment, cancellation)).ConfigureAwait(false);
            bool ended = child.HasExited;
            if (ended && child.ExitCode != 0)
            {
                throw new InvalidOperationException($"the run ended by itself with exit code {child.ExitCode}: {await child.StandardError.ReadToEndAsync(cancellation).ConfigureAwait(false)}");
            }

            child.Kill();
            await child.WaitForExitAsync(cancellation).ConfigureAwait(false);
            if (disturbance != Disturbance.Kill && Directory.Exists(run.Folder))
            {
                PowerCut.Strike(run.Folder, Journal, disturbance == Disturbance.PartialPowerCut ? random : null);
            }

            return ended;
        }
        finally
        {
            child.Kill();
        }
    }

    /// <summary>What the process does that is to be killed.</summary>
    public static Task WorkAsync(string folder, string type, bool watched)
    {
        TinyRun run = new(folder, type);
        if (watched)
        {
            PowerCut.Watch(run.Folder, Path.Combine(folder, "journal"));
        }

        return run.RunAsync();
    }
}
