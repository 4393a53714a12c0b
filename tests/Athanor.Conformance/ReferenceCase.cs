using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Files;

namespace Athanor.Conformance;

/// <summary>One case of the reference: a folder with <c>case.json</c> and the files it names.</summary>
public sealed class ReferenceCase
{
    private ReferenceCase(string folder, JsonObject description)
    {
        Folder = folder;
        Description = description;
    }

    public string Folder { get; }

    public JsonObject Description { get; }

    public string Name => Description["name"]!.GetValue<string>();

    public string Kind => Description["kind"]!.GetValue<string>();

    /// <summary>Hyper-parameters and inputs that are not tensors.</summary>
    public JsonObject Parameters => Description["params"]!.AsObject();

    /// <summary>The folder of the model, where the case has one.</summary>
    public string Checkpoint => Path.Combine(Folder, "checkpoint");

    /// <summary>
    /// The expected results that are not tensors, by name: those of <c>expected.json.gz</c> where the case has one, otherwise those of <c>case.json</c>. A kind may
    /// write out what its rows leave out because it can be told from the rest.
    /// </summary>
    public JsonObject ExpectedValues => field ??= ReadExpectedValues();

    /// <summary>Opens the tensors the case starts from.</summary>
    public SafetensorsFile OpenInputs() => SafetensorsFile.Open(Path.Combine(Folder, "inputs.safetensors"));

    /// <summary>The folders to be enumerated: the copy beside the tests, and the one the environment names.</summary>
    public static IEnumerable<string> Roots()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Athanor.slnx")))
        {
            folder = folder.Parent;
        }

        yield return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("Athanor.slnx stands in no folder above the tests"), "tests", "reference");
        string? other = Environment.GetEnvironmentVariable("ATHANOR_REFERENCE");
        if (!string.IsNullOrEmpty(other))
        {
            yield return Path.GetFullPath(other);
        }
    }

    /// <summary>The folders of all cases of a root, by its areas' <c>index.json</c>.</summary>
    public static IEnumerable<string> FoldersIn(string root)
    {
        foreach (string index in Directory.EnumerateFiles(root, "index.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            JsonArray cases = JsonNode.Parse(File.ReadAllText(index))!["cases"]!.AsArray();
            if (cases.Count == 0)
            {
                throw new InvalidDataException($"{index} lists no case");
            }

            foreach (JsonNode? entry in cases)
            {
                yield return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(index)!, entry!["path"]!.GetValue<string>()));
            }
        }
    }

    public static ReferenceCase Open(string folder)
    {
        string path = Path.Combine(folder, "case.json");
        JsonObject description = JsonNode.Parse(File.ReadAllText(path), documentOptions: new JsonDocumentOptions { MaxDepth = 64 })!.AsObject();
        ReferenceCase reference = new(folder, description);
        foreach (string side in (string[])["inputs", "expected"])
        {
            foreach (JsonNode? file in description[side]!["files"]!.AsArray())
            {
                if (!File.Exists(Path.Combine(folder, file!.GetValue<string>())))
                {
                    throw new FileNotFoundException($"{path} names {file}, which is missing");
                }
            }
        }

        return reference;
    }

    private JsonObject ReadExpectedValues()
    {
        JsonObject described = Description["expected"]!["values"]?.AsObject() ?? [];
        string packed = Path.Combine(Folder, "expected.json.gz");
        if (!File.Exists(packed))
        {
            return described;
        }

        using GZipStream stream = new(File.OpenRead(packed), CompressionMode.Decompress);
        JsonObject values = JsonNode.Parse(stream)!.AsObject();
        if (!values.Select(value => value.Key).Order().SequenceEqual(described.Select(value => value.Key).Order()))
        {
            throw new InvalidDataException($"{packed} does not hold the values that case.json names");
        }

        return values;
    }
}
