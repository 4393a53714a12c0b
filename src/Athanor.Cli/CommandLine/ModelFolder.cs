using Athanor.Core.Artifacts;
using Athanor.Core.Errors;

namespace Athanor.Cli.CommandLine;

/// <summary>Finds the model that a person means: a model's folder, a run's folder, or a run's name.</summary>
internal static class ModelFolder
{
    private const string ModelFile = "config.json";
    private const string Runs = "runs";

    /// <summary>The folder of the model; of a run the model that was finished last.</summary>
    /// <exception cref="AthanorException">There is none; the message says what was looked for, the cure what there is.</exception>
    public static string Find(string model)
    {
        string named = Path.Combine(Runs, model);
        string folder = Directory.Exists(model) ? model : Directory.Exists(named) ? named : throw Missing(model);
        return File.Exists(Path.Combine(folder, ModelFile)) ? folder
            : LastModel(folder) ?? throw new AthanorException($"{folder} holds no model: neither {ModelFile} nor a finished stage that made one", "name a model's folder, or finish the run first");
    }

    /// <summary>The artifact of a model that a run made; null for a model from elsewhere.</summary>
    public static Artifact? Made(string folder) => File.Exists(Path.Combine(folder, ArtifactManifest.FileName)) ? Artifact.Open(folder) : null;

    private static string? LastModel(string run) => Directory.EnumerateDirectories(run)
        .Where(folder => File.Exists(Path.Combine(folder, ModelFile)) && File.Exists(Path.Combine(folder, ArtifactManifest.FileName)))
        .Select(folder => Artifact.Open(folder))
        .Where(artifact => artifact.Manifest.Kind == ArtifactKind.Model)
        .OrderBy(artifact => artifact.Manifest.Created)
        .ThenBy(artifact => artifact.Folder, StringComparer.Ordinal)
        .LastOrDefault()?.Folder;

    private static AthanorException Missing(string model)
    {
        if (File.Exists(model))
        {
            return new AthanorException($"{model} is a file, not a model's folder", "name the folder it lies in");
        }

        string[] runs = Directory.Exists(Runs) ? [.. Directory.EnumerateDirectories(Runs).Where(run => LastModel(run) is not null).Select(run => Path.GetFileName(run)!).Order(StringComparer.Ordinal).Take(8)] : [];
        return new AthanorException(
            $"no model {model}: there is no such folder, and no run of that name in {Runs}/",
            runs.Length > 0 ? $"runs with a model: {string.Join(", ", runs)}" : "make one with: ./athanor run recipes/quickstart.yaml");
    }
}
