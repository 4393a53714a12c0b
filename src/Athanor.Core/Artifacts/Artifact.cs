using System.Text.Json;
using System.Text.Json.Serialization;
using Athanor.Core.Errors;

namespace Athanor.Core.Artifacts;

/// <summary>A finished folder: whatever has this name on disk is whole.</summary>
public sealed class Artifact
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private Artifact(string folder, ArtifactManifest manifest)
    {
        Folder = folder;
        Manifest = manifest;
    }

    /// <summary>The folder's full path.</summary>
    public string Folder { get; }

    /// <summary>What it is and how it was made.</summary>
    public ArtifactManifest Manifest { get; }

    /// <summary>The full path of a file inside.</summary>
    public string PathOf(string relative) => Path.Combine(Folder, relative);

    /// <summary>Whether a file is inside.</summary>
    public bool Has(string relative) => File.Exists(PathOf(relative));

    /// <summary>Opens an artifact's folder.</summary>
    /// <exception cref="AthanorException">The folder is missing, or its manifest is missing or malformed.</exception>
    public static Artifact Open(string folder)
    {
        string path = Path.Combine(folder, ArtifactManifest.FileName);
        if (!File.Exists(path))
        {
            throw new AthanorException($"{folder} is not the folder of a finished stage: it has no {ArtifactManifest.FileName}", "name the folder of a finished stage, such as runs/quickstart/corpus");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            ArtifactManifest manifest = JsonSerializer.Deserialize<ArtifactManifest>(stream, Json) ?? throw new JsonException("the file is empty");
            return new Artifact(Path.GetFullPath(folder), manifest);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "delete the folder and run its stage again", exception);
        }
    }
}
