using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Athanor.Conformance.Tokenizers;

/// <summary>A case of the area <c>tokenizers</c>: its packed files by their roles, the strings its rows name, and the layout of its rows.</summary>
internal sealed class TokenizerCase : IDisposable
{
    private readonly DirectoryInfo _unpacked = Directory.CreateTempSubdirectory("athanor-conformance-");
    private readonly Dictionary<string, string> _files;
    private readonly Lazy<string[]> _strings;

    public TokenizerCase(ReferenceCase reference)
    {
        Reference = reference;
        JsonObject roles = reference.Description["inputs"]!["roles"]!.AsObject();
        _files = roles.ToDictionary(role => role.Key, role => Path.Combine(reference.Folder, role.Value!.GetValue<string>()));
        _strings = new Lazy<string[]>(() => [.. JsonNode.Parse(Read("strings"), documentOptions: new JsonDocumentOptions { AllowTrailingCommas = false })!["strings"]!.AsArray().Select(entry => HardString(entry!.AsObject()))]);
    }

    public ReferenceCase Reference { get; }

    public JsonObject Parameters => Reference.Parameters;

    /// <summary>Whether the case has a file for a role.</summary>
    public bool Has(string role) => _files.ContainsKey(role);

    /// <summary>The unpacked content of a role's file.</summary>
    public byte[] Read(string role)
    {
        string path = _files[role];
        using FileStream file = File.OpenRead(path);
        using Stream content = Path.GetExtension(path) switch
        {
            ".gz" => new GZipStream(file, CompressionMode.Decompress),
            ".br" => new BrotliStream(file, CompressionMode.Decompress),
            _ => file,
        };
        using MemoryStream bytes = new();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Puts a role's file, unpacked and with its real name, in a folder of this case's own and gives its path.</summary>
    public string Unpack(string role)
    {
        string name = Path.GetFileName(_files[role]);
        string path = Path.Combine(_unpacked.FullName, Path.GetExtension(name) is ".gz" or ".br" ? Path.GetFileNameWithoutExtension(name) : name);
        if (!File.Exists(path))
        {
            File.WriteAllBytes(path, Read(role));
        }

        return path;
    }

    /// <summary>The text of a row: its own, or the string it names by <c>s</c>.</summary>
    public string TextOf(JsonObject row) => row["text"] is JsonNode text && !row.ContainsKey("s") ? text.GetValue<string>() : StringAt(row["s"]!);

    /// <summary>The second text of a row, where it is a pair.</summary>
    public string? PairOf(JsonObject row) => row["t"] is JsonNode index ? StringAt(index) : null;

    /// <summary>A string by its index.</summary>
    public string StringAt(JsonNode index) => _strings.Value[index.GetValue<int>()];

    /// <summary>The expected rows under a name; none where the case does not have it.</summary>
    public IEnumerable<JsonObject> Rows(string name) => Reference.ExpectedValues[name] is JsonArray rows ? rows.Select(row => row!.AsObject()) : [];

    /// <summary>Answers each expected row under a name with a computed one. Members of the question (<c>s</c>, <c>text</c>, <c>special</c> …) that the answer lacks are copied.</summary>
    public void Answer(CaseResults results, string name, Func<JsonObject, JsonObject> answer, params ReadOnlySpan<string> question)
    {
        if (Reference.ExpectedValues[name] is not JsonArray)
        {
            return;
        }

        JsonArray answers = [];
        foreach (JsonObject row in Rows(name))
        {
            JsonObject computed = answer(row);
            foreach (string member in question)
            {
                if (row.TryGetPropertyValue(member, out JsonNode? value) && !computed.ContainsKey(member))
                {
                    computed[member] = value?.DeepClone();
                }
            }

            answers.Add(computed);
        }

        results.AddValue(name, answers);
    }

    /// <summary>Writes out a member that expected rows leave out where it can be told from others: <paramref name="value"/> gives it, or null where it has no place.</summary>
    public void Complete(string name, string member, Func<JsonObject, JsonNode?> value)
    {
        foreach (JsonObject row in Rows(name))
        {
            if (!row.ContainsKey(member) && value(row) is JsonNode implied)
            {
                row[member] = implied.Parent is null ? implied : implied.DeepClone();
            }
        }
    }

    /// <summary>A text as a conversion to UTF-8 leaves it: each unpaired surrogate is U+FFFD.</summary>
    public static string Mended(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Offsets as rows write them: each start less the end before it, then the length.</summary>
    public static JsonArray Spans(IEnumerable<Tokenization.Offsets> offsets)
    {
        JsonArray spans = [];
        int last = 0;
        foreach ((int start, int end) in offsets)
        {
            spans.Add(start - last);
            spans.Add(end - start);
            last = end;
        }

        return spans;
    }

    /// <summary>Ids as rows write them where they are many: id, count, id, count.</summary>
    public static JsonArray Runs(IEnumerable<int> ids)
    {
        List<int> runs = [];
        foreach (int id in ids)
        {
            if (runs.Count > 0 && runs[^2] == id)
            {
                runs[^1]++;
            }
            else
            {
                runs.Add(id);
                runs.Add(1);
            }
        }

        return Numbers(runs);
    }

    public static JsonArray Numbers(IEnumerable<int> numbers) => [.. numbers.Select(number => (JsonNode)number)];

    public static JsonArray Numbers(IEnumerable<int?> numbers) => [.. numbers.Select(number => (JsonNode?)number)];

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static int[] Ids(JsonNode list) => [.. list.AsArray().Select(id => id!.GetValue<int>())];

    public void Dispose() => _unpacked.Delete(recursive: true);

    private static string HardString(JsonObject entry)
    {
        if (entry["text"] is JsonNode text)
        {
            return text.GetValue<string>();
        }

        if (entry["utf16"] is JsonNode units)
        {
            return new string([.. units.AsArray().Select(unit => (char)unit!.GetValue<int>())]);
        }

        return new StringBuilder().Insert(0, entry["repeat"]!.GetValue<string>(), entry["times"]!.GetValue<int>()).ToString();
    }
}
