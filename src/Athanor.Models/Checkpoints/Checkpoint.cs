using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Models.Families;
using Athanor.Models.Specifications;

namespace Athanor.Models.Checkpoints;

/// <summary>
/// An opened Hugging Face model folder: <c>config.json</c> and <c>model.safetensors</c>, or several files with <c>model.safetensors.index.json</c>. Opening checks that every
/// weight of the plan is there in its shape and that nothing is left over, before any memory is taken for weights.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>The configuration's file name.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>The weights' file name where there is one file.</summary>
    public const string WeightsFile = "model.safetensors";

    /// <summary>The file that says which weight is in which of several files.</summary>
    public const string IndexFile = "model.safetensors.index.json";

    /// <summary>The file with settings for generation.</summary>
    public const string GenerationFile = "generation_config.json";

    private const long MaximumJsonBytes = 64 << 20;
    private const int MaximumShards = 10_000;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, (SafetensorsFile File, TensorEntry Entry)> _tensors = [];
    private readonly Dictionary<string, (PublishedWeight Published, long Skip)> _weights = [];

    private Checkpoint(string folder, ModelFamily family, ModelPlan plan, SpecialTokenIds specialTokens)
    {
        Folder = folder;
        Family = family;
        Plan = plan;
        SpecialTokens = specialTokens;
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>The family that stored it.</summary>
    public ModelFamily Family { get; }

    /// <summary>What it is.</summary>
    public TransformerSpec Spec => Plan.Spec;

    /// <summary>Its weights.</summary>
    public ModelPlan Plan { get; }

    /// <summary>Tokens with a role.</summary>
    public SpecialTokenIds SpecialTokens { get; }

    /// <summary>The type most of its numbers are stored in.</summary>
    public TensorType StoredType => _tensors.Values.GroupBy(tensor => tensor.Entry.Type).MaxBy(group => group.Sum(tensor => tensor.Entry.Bytes))!.Key;

    /// <summary>Bytes of weights on disk.</summary>
    public long StoredBytes => _tensors.Values.Sum(tensor => tensor.Entry.Bytes);

    /// <summary>Opens and checks a folder.</summary>
    /// <exception cref="AthanorException">The folder is missing, incomplete, malformed or of a family this version does not know.</exception>
    public static Checkpoint Open(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder))
        {
            throw new AthanorException($"{folder} does not exist or is no folder", "name a model folder: one with config.json and model.safetensors, such as runs/quickstart/pretrain");
        }

        (ModelFamily family, TransformerSpec spec, SpecialTokenIds tokens) = ReadSpec(folder);
        Checkpoint checkpoint = new(folder, family, ModelPlan.From(spec), tokens);
        try
        {
            checkpoint.OpenFiles();
            checkpoint.Match();
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Reads what a folder's <c>config.json</c> describes, without its weights.</summary>
    /// <exception cref="AthanorException">The file is missing, malformed or of a family this version does not know.</exception>
    public static (ModelFamily Family, TransformerSpec Spec, SpecialTokenIds SpecialTokens) ReadSpec(string folder)
    {
        string path = Path.Combine(folder, ConfigFile);
        using JsonDocument document = ReadJson(path);
        ConfigReader config = new(path, document.RootElement);
        string type = config.Text("model_type") ?? throw config.Fault("lacks model_type");
        ModelFamily family = ModelFamily.All.FirstOrDefault(family => family.ModelTypes.Contains(type)) ?? throw config.Fault($"is of the unknown family {type}");
        TransformerSpec spec = family.ReadConfig(config);
        if (spec.Faults() is [string fault, ..])
        {
            throw config.Fault($"describes no possible model: {fault}");
        }

        string generationPath = Path.Combine(folder, GenerationFile);
        if (!File.Exists(generationPath))
        {
            return (family, spec, ReadTokens(config));
        }

        using JsonDocument generationDocument = ReadJson(generationPath);
        SpecialTokenIds own = ReadTokens(config);
        SpecialTokenIds generation = ReadTokens(new ConfigReader(generationPath, generationDocument.RootElement));
        return (family, spec, new SpecialTokenIds(generation.Beginning ?? own.Beginning, generation.Ends.Count > 0 ? generation.Ends : own.Ends, generation.Padding ?? own.Padding));
    }

    /// <summary>A weight by its canonical name, in the plan's shape, as single-precision numbers.</summary>
    /// <exception cref="AthanorException">The weight is not of a floating type, or too large for an array.</exception>
    public float[] ReadSingles(string canonical) => Take(canonical, static (file, name) => file.ReadSingles(name));

    /// <summary>A weight by its canonical name, in the plan's shape, as double-precision numbers.</summary>
    /// <exception cref="AthanorException">The weight is not of a floating type, or too large for an array.</exception>
    public double[] ReadDoubles(string canonical) => Take(canonical, static (file, name) => file.ReadDoubles(name));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }

        _files.Clear();
    }

    private T[] Take<T>(string canonical, Func<SafetensorsFile, string, T[]> read)
    {
        (PublishedWeight published, long skip) = _weights[canonical];
        (SafetensorsFile file, TensorEntry entry) = _tensors[published.Name];
        T[] stored = read(file, entry.Name);
        IReadOnlyList<long> shape = Plan[canonical].Shape;
        if (!published.Transposed)
        {
            return published.Canonical.Count == 1 ? stored : stored.AsSpan((int)skip * (int)(Plan[canonical].Count / shape[0]), (int)Plan[canonical].Count).ToArray();
        }

        // [in, out] on disk, of which columns skip… are this weight's [out, in]
        int rows = (int)shape[0];
        int columns = (int)shape[1];
        int width = (int)entry.Shape[1];
        T[] values = new T[rows * columns];
        for (int column = 0; column < columns; column++)
        {
            for (int row = 0; row < rows; row++)
            {
                values[(row * columns) + column] = stored[(column * width) + (int)skip + row];
            }
        }

        return values;
    }

    private void OpenFiles()
    {
        string single = Path.Combine(Folder, WeightsFile);
        string index = Path.Combine(Folder, IndexFile);
        string[] paths = File.Exists(single) ? [single]
            : File.Exists(index) ? [.. ReadIndex(index)]
            : throw new AthanorException($"{Folder} has no weights: neither {WeightsFile} nor {IndexFile}", "copy the folder again, download the model in the safetensors format, or train it");
        foreach (string path in paths)
        {
            SafetensorsFile file = SafetensorsFile.Open(path);
            _files.Add(file);
            foreach (TensorEntry entry in file.Tensors.Values)
            {
                if (Family.NameOf(entry.Name, Spec) is { } name && !_tensors.TryAdd(name, (file, entry)))
                {
                    throw new AthanorException($"{path} holds tensor {entry.Name}, which another file of the model holds too", "copy or download the model folder again");
                }
            }
        }
    }

    private IEnumerable<string> ReadIndex(string path)
    {
        using JsonDocument document = ReadJson(path);
        if (!document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new AthanorException($"{path} lacks weight_map", "copy or download the model folder again");
        }

        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            string name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            // a name from outside must stay in the folder
            if (name.Length == 0 || name != Path.GetFileName(name) || name is "." or ".." || names.Count >= MaximumShards)
            {
                throw new AthanorException($"{path} names no file of its own folder for {entry.Name}", "copy or download the model folder again");
            }

            names.Add(name);
        }

        return names.Select(name => Path.Combine(Folder, name));
    }

    private void Match()
    {
        List<string> faults = [];
        IReadOnlyList<PublishedWeight> expected = Family.PublishedWeights(Spec);
        foreach (PublishedWeight weight in expected)
        {
            if (!_tensors.TryGetValue(weight.Name, out (SafetensorsFile File, TensorEntry Entry) tensor))
            {
                faults.Add($"{weight.Name} is missing");
                continue;
            }

            long rows = 0;
            foreach (string canonical in weight.Canonical)
            {
                _weights[canonical] = (weight, rows);
                rows += Plan[canonical].Shape[0];
            }

            long[] shape = [rows, .. Plan[weight.Canonical[0]].Shape.Skip(1)];
            if (weight.Transposed)
            {
                Array.Reverse(shape);
            }

            if (!tensor.Entry.Shape.SequenceEqual(shape))
            {
                faults.Add($"{weight.Name} is [{string.Join(", ", tensor.Entry.Shape)}] instead of [{string.Join(", ", shape)}]");
            }
            else if (tensor.Entry.Type is not (TensorType.F16 or TensorType.BF16 or TensorType.F32 or TensorType.F64))
            {
                faults.Add($"{weight.Name} is of type {tensor.Entry.Type}");
            }
        }

        HashSet<string> names = [.. expected.Select(weight => weight.Name)];
        faults.AddRange(_tensors.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).Select(name => $"{name} is not part of the model"));
        if (faults.Count > 0)
        {
            string more = faults.Count > 3 ? $"; and {faults.Count - 3} more" : "";
            throw new AthanorException($"{Folder}: the weights do not fit config.json: {string.Join("; ", faults.Take(3))}{more}", "use a folder whose config.json and weights belong together");
        }
    }

    private static SpecialTokenIds ReadTokens(ConfigReader config) => new(config.Integers("bos_token_id").Cast<int?>().FirstOrDefault(), config.Integers("eos_token_id"), config.OptionalInteger("pad_token_id"));

    private static JsonDocument ReadJson(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaximumJsonBytes)
            {
                throw new AthanorException($"{path} has {stream.Length:N0} bytes, more than such a file can need", "copy or download the model folder again");
            }

            JsonDocument document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException("it holds no object");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AthanorException($"{path} does not exist, so its folder is no model", "name a model folder: one with config.json and model.safetensors, such as runs/quickstart/pretrain", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "copy or download the model folder again", exception);
        }
    }
}
