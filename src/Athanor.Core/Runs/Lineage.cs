using Athanor.Core.Artifacts;
using Athanor.Core.Errors;

namespace Athanor.Core.Runs;

/// <summary>Whether what lies on disk is what an artifact was made from.</summary>
public enum LineageState
{
    /// <summary>It is: every file has the digest that was noted.</summary>
    Intact,

    /// <summary>There is something of that name, but it was made anew, or a file in it was changed.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Missing,
}

/// <summary>One ancestor of an artifact, or the artifact itself.</summary>
/// <param name="Name">The stage's name in the run, or the path of what came from outside.</param>
/// <param name="Digest">The key of the artifact, or the digest of the file or folder from outside, that was used.</param>
/// <param name="Artifact">The artifact; null for a source from outside, and where it is gone.</param>
/// <param name="State">Whether it is still what it was.</param>
/// <param name="Fault">What is not as it was; null where all is.</param>
/// <param name="Inputs">The names of what it was made from.</param>
public sealed record LineageStep(string Name, string Digest, Artifact? Artifact, LineageState State, string? Fault, IReadOnlyList<string> Inputs);

/// <summary>Walks from an artifact back to everything it was made from, to the files from outside, and checks each against the digests that were noted.</summary>
public static class Lineage
{
    /// <summary>The artifact and its ancestors: whatever is named by another stands after it.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="stage">The stage's name in the run.</param>
    /// <param name="cancellation">Stops between two files.</param>
    /// <exception cref="AthanorException">The run has no finished stage of that name.</exception>
    public static IReadOnlyList<LineageStep> Of(string run, string stage, CancellationToken cancellation)
    {
        Artifact begin = Artifact.Open(Path.Combine(run, stage));
        Dictionary<string, LineageStep> known = [];
        List<LineageStep> finished = [];
        Walk(run, stage, begin.Manifest.Key, known, finished, cancellation);
        finished.Reverse();
        return finished;
    }

    private static void Walk(string run, string name, string digest, Dictionary<string, LineageStep> known, List<LineageStep> finished, CancellationToken cancellation)
    {
        if (known.ContainsKey(name))
        {
            return;
        }

        cancellation.ThrowIfCancellationRequested();
        LineageStep step = Look(run, name, digest);
        known.Add(name, step);
        foreach ((string input, string used) in step.Artifact?.Manifest.Inputs ?? new Dictionary<string, string>())
        {
            Walk(run, input, used, known, finished, cancellation);
        }

        finished.Add(step);
    }

    private static LineageStep Look(string run, string name, string digest)
    {
        string? folder = new[] { Path.Combine(run, name), name }.FirstOrDefault(path => File.Exists(Path.Combine(path, ArtifactManifest.FileName)));
        if (folder is null)
        {
            return Path.Exists(name) ? Source(name, digest) : new LineageStep(name, digest, null, LineageState.Missing, "it is not there any more", []);
        }

        Artifact artifact = Artifact.Open(folder);
        string? fault = artifact.Manifest.Key == digest ? ChangedFile(artifact) : "it was made anew since, with other settings or inputs";
        return new LineageStep(name, digest, artifact, fault is null ? LineageState.Intact : LineageState.Changed, fault, [.. artifact.Manifest.Inputs.Keys]);
    }

    private static LineageStep Source(string path, string digest)
    {
        bool same = ContentDigest.OfSource(path) == digest;
        return new LineageStep(path, digest, null, same ? LineageState.Intact : LineageState.Changed, same ? null : "its content was changed since", []);
    }

    private static string? ChangedFile(Artifact artifact)
    {
        foreach ((string name, ArtifactFile noted) in artifact.Manifest.Files)
        {
            FileInfo file = new(artifact.PathOf(name));
            if (!file.Exists)
            {
                return $"{name} is not there any more";
            }

            if (file.Length != noted.Bytes || ContentDigest.OfFile(file.FullName) != noted.Sha256)
            {
                return $"{name} was changed since";
            }
        }

        return null;
    }
}
