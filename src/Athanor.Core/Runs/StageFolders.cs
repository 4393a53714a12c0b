using System.Text.Json;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Core.Runs;

/// <summary>
/// Where a stage of a run lives: <c>NAME/</c> is its artifact, always whole; <c>.partial-NAME/</c> holds work in progress (the output, the checkpoints,
/// the curves so far, and the key they belong to).
/// </summary>
public sealed class StageFolders
{
    private readonly string _partial;
    private readonly string _replaced;

    internal StageFolders(string run, string name)
    {
        Final = Path.Combine(run, name);
        _partial = Path.Combine(run, $".partial-{name}");
        _replaced = Path.Combine(run, $".replaced-{name}");
    }

    /// <summary>The artifact.</summary>
    public string Final { get; }

    internal string Output => Path.Combine(_partial, "output");

    internal string Checkpoints => Path.Combine(_partial, "checkpoints");

    internal string Metrics => Path.Combine(_partial, "metrics.jsonl");

    private string State => Path.Combine(_partial, "state.json");

    internal StageStatus StatusFor(string key)
    {
        if (KeyOf(Final) == key)
        {
            return IsWhole(Final) ? StageStatus.Done : StageStatus.Outdated;
        }

        // a kill between finishing and renaming: the artifact lies whole where it was made
        return ReadState()?.Key == key ? (KeyOf(Output) == key ? StageStatus.Done : StageStatus.Begun)
            : Directory.Exists(Final) ? StageStatus.Outdated
            : StageStatus.ToDo;
    }

    /// <summary>Finishes a rename that a kill cut short.</summary>
    internal void Recover(string key)
    {
        if (KeyOf(Final) != key && ReadState()?.Key == key && KeyOf(Output) == key)
        {
            MoveIntoPlace();
        }
        else if (Directory.Exists(_replaced) && !Directory.Exists(Final))
        {
            Directory.Move(_replaced, Final);
        }
        else if (KeyOf(Final) == key && ReadState()?.Key == key)
        {
            // the artifact got its name, but the power went before the folder it was made in was gone
            Delete(_partial);
        }

        Delete(_replaced);
    }

    /// <summary>Makes the folders for work with a key; what was left by another key goes.</summary>
    /// <returns>What was spent on this key before.</returns>
    internal StageState Begin(string key, bool afresh)
    {
        StageState? state = ReadState();
        if (afresh || state?.Key != key)
        {
            Delete(_partial);
            state = new StageState(key, 0, 0);
        }

        Delete(Output);
        Directory.CreateDirectory(Output);
        Directory.CreateDirectory(Checkpoints);
        AtomicFile.RemoveUnfinished(Checkpoints, SearchOption.AllDirectories);
        if (!Directory.EnumerateFileSystemEntries(Checkpoints).Any())
        {
            // without a checkpoint the stage starts over, and so do its curves
            File.Delete(Metrics);
        }

        WriteState(state);

        // without its own name on disk nothing in the folder would survive a power cut
        Durable.FlushFolder(Path.GetDirectoryName(Final)!);
        return state;
    }

    internal void WriteState(StageState state) => AtomicFile.WriteText(State, JsonSerializer.Serialize(state, Artifact.Json));

    /// <summary>Puts the finished output in place of whatever was there. Everything in it must be on disk already.</summary>
    internal void MoveIntoPlace()
    {
        string run = Path.GetDirectoryName(Final)!;
        Delete(_replaced);
        if (Directory.Exists(Final))
        {
            Directory.Move(Final, _replaced);
        }

        Directory.Move(Output, Final);
        Durable.FlushFolder(run);
        Delete(_replaced);
        Delete(_partial);
    }

    private static string? KeyOf(string folder)
    {
        try
        {
            return Artifact.Open(folder).Manifest.Key;
        }
        catch (AthanorException)
        {
            return null;
        }
    }

    private static bool IsWhole(string folder)
        => Artifact.Open(folder).Manifest.Files.All(file => new FileInfo(Path.Combine(folder, file.Key)) is { Exists: true } info && info.Length == file.Value.Bytes);

    private StageState? ReadState()
    {
        try
        {
            return File.Exists(State) ? JsonSerializer.Deserialize<StageState>(File.ReadAllBytes(State), Artifact.Json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>What is known of unfinished work.</summary>
/// <param name="Key">The key it is for.</param>
/// <param name="Seconds">Time spent so far.</param>
/// <param name="PeakMemoryBytes">The largest resident set so far.</param>
internal sealed record StageState(string Key, double Seconds, long PeakMemoryBytes);
