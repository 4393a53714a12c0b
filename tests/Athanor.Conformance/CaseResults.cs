using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Files;

namespace Athanor.Conformance;

/// <summary>What the product computed for a case, and how it stands against what was expected.</summary>
public sealed class CaseResults
{
    private readonly Dictionary<string, (double[] Values, long[] Shape)> _tensors = [];
    private readonly Dictionary<string, JsonNode?> _values = [];

    /// <summary>Adds a computed tensor.</summary>
    public void Add<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : INumberBase<T>
    {
        double[] converted = new double[values.Length];
        for (int i = 0; i < converted.Length; i++)
        {
            converted[i] = double.CreateChecked(values[i]);
        }

        _tensors.Add(name, (converted, shape.ToArray()));
    }

    /// <summary>Adds a computed result that is not a tensor (number, text, list, object).</summary>
    public void AddValue<T>(string name, T value) => _values.Add(name, JsonSerializer.SerializeToNode(value));

    /// <summary>Holds every entry of the case's tolerance against what was computed.</summary>
    /// <returns>A line for each entry.</returns>
    public IReadOnlyList<ComparedEntry> CompareWith(ReferenceCase reference, Precision precision)
    {
        List<ComparedEntry> entries = [];
        string expectedPath = Path.Combine(reference.Folder, "expected.safetensors");
        using SafetensorsFile? expected = File.Exists(expectedPath) ? SafetensorsFile.Open(expectedPath) : null;
        JsonObject expectedValues = reference.ExpectedValues;
        JsonObject tolerances = reference.Description["tolerance"]!.AsObject();
        IEnumerable<string> names = expectedValues.Select(value => value.Key).Concat(expected?.Tensors.Keys ?? []);
        foreach (string name in names)
        {
            JsonObject rule = tolerances[name]?[precision == Precision.Fp64 ? "fp64" : "fp32"]?.AsObject()
                ?? throw new InvalidDataException($"{reference.Folder}: no tolerance for {name}");
            string type = rule["type"]!.GetValue<string>();
            if (type == "information")
            {
                continue;
            }

            if (expected is not null && expected.Tensors.TryGetValue(name, out TensorEntry? tensor))
            {
                entries.Add(CompareTensor(name, tensor, expected, rule, type));
            }
            else
            {
                entries.Add(CompareValue(name, expectedValues[name], rule, type));
            }
        }

        if (entries.Count == 0)
        {
            throw new InvalidDataException($"{reference.Folder} expects nothing");
        }

        return entries;
    }

    private ComparedEntry CompareTensor(string name, TensorEntry entry, SafetensorsFile file, JsonObject rule, string type)
    {
        if (!_tensors.TryGetValue(name, out (double[] Values, long[] Shape) computed))
        {
            return new ComparedEntry(name, double.NaN, "was not produced");
        }

        if (!computed.Shape.AsSpan().SequenceEqual(entry.Shape.ToArray()))
        {
            return new ComparedEntry(name, double.NaN, $"has shape [{string.Join(", ", computed.Shape)}] instead of [{string.Join(", ", entry.Shape)}]");
        }

        double[] expected = entry.Type is TensorType.F64 or TensorType.F32 or TensorType.F16 or TensorType.BF16
            ? file.ReadDoubles(name)
            : Array.ConvertAll(file.ReadIntegers(name), value => (double)value);
        return CompareNumbers(name, computed.Values, expected, rule, type);
    }

    private static ComparedEntry CompareNumbers(string name, ReadOnlySpan<double> computed, ReadOnlySpan<double> expected, JsonObject rule, string type)
    {
        double largest = 0;
        double scale = 0;
        double mean = 0;
        int finite = 0;
        foreach (double y in expected)
        {
            if (double.IsFinite(y))
            {
                scale = Math.Max(scale, Math.Abs(y));
                mean += y;
                finite++;
            }
        }

        mean /= Math.Max(1, finite);
        double variance = 0;
        foreach (double y in expected)
        {
            variance += double.IsFinite(y) ? (y - mean) * (y - mean) : 0;
        }

        double deviation = Math.Sqrt(variance / Math.Max(1, finite));
        for (int i = 0; i < expected.Length; i++)
        {
            double x = computed[i];
            double y = expected[i];
            if (!double.IsFinite(y) || !double.IsFinite(x))
            {
                if (!x.Equals(y))
                {
                    return new ComparedEntry(name, double.PositiveInfinity, $"[{i}] is {x} instead of {y}");
                }

                continue;
            }

            double error = Math.Abs(x - y);
            (double allowed, double measured) = type switch
            {
                "exact" => (0, error),
                "abs_std" => (Number(rule, "value") * Math.Max(1, deviation), error),
                "abs_rel" => (Number(rule, "abs") + (Number(rule, "rel") * Math.Abs(y)), error),
                "rel_max" => ((Number(rule, "value") * scale) + 1e-12, error),
                "at_most" => (Math.Abs(y) * Number(rule, "rel"), Math.Max(0, x - y)),
                _ => throw new InvalidDataException($"unknown tolerance {type}"),
            };
            largest = Math.Max(largest, measured);
            if (!(measured <= allowed))
            {
                return new ComparedEntry(name, measured, $"[{i}] is {x:R} instead of {y:R}, allowed {allowed:G3}");
            }
        }

        return new ComparedEntry(name, largest, null);
    }

    private ComparedEntry CompareValue(string name, JsonNode? expected, JsonObject rule, string type)
    {
        if (!_values.TryGetValue(name, out JsonNode? computed))
        {
            return new ComparedEntry(name, double.NaN, "was not produced");
        }

        return type == "overlap" ? CompareOverlap(name, computed, expected, rule) : CompareNodes(name, computed, expected, rule, type);
    }

    // Lists of pieces: a piece is a text, or the first entry of a list, or the member piece of an object
    private static ComparedEntry CompareOverlap(string name, JsonNode? computed, JsonNode? expected, JsonObject rule)
    {
        if (computed is not JsonArray computedList || expected is not JsonArray expectedList || expectedList.Count == 0)
        {
            return new ComparedEntry(name, double.NaN, "is no list, or an empty one is expected");
        }

        HashSet<string> found = [.. computedList.Select(PieceOf)];
        double share = (double)expectedList.Count(piece => found.Contains(PieceOf(piece))) / expectedList.Count;
        double atLeast = Number(rule, "at_least");
        return share < atLeast ? new ComparedEntry(name, 1 - share, $"holds the share {share:G4} of the expected pieces, {atLeast} is wanted")
            : computedList.Count > expectedList.Count * (2 - atLeast) ? new ComparedEntry(name, 1 - share, $"has {computedList.Count} pieces, {expectedList.Count} are expected")
            : new ComparedEntry(name, 1 - share, null);

        static string PieceOf(JsonNode? item) => (item switch
        {
            JsonArray list => list[0]!,
            JsonObject entry => entry["piece"]!,
            _ => item!,
        }).GetValue<string>();
    }

    private static ComparedEntry CompareNodes(string name, JsonNode? computed, JsonNode? expected, JsonObject rule, string type)
    {
        switch (expected)
        {
            case JsonArray list when computed is JsonArray other && other.Count == list.Count:
                return Worst(name, list.Select((item, i) => CompareNodes($"{name}[{i}]", other[i], item, rule, type)));
            case JsonObject map when computed is JsonObject other && other.Count == map.Count && map.All(pair => other.ContainsKey(pair.Key)):
                // Within a row a tolerance is for the score; ids and places are exact
                return Worst(name, map.Select(pair => CompareNodes($"{name}.{pair.Key}", other[pair.Key], pair.Value, rule, type == "abs_rel" && pair.Key is not ("score" or "nbest") ? "exact" : type)));
            case JsonObject map when computed is JsonObject other:
                return new ComparedEntry(name, double.NaN, $"has the members {string.Join(", ", other.Select(pair => pair.Key))} instead of {string.Join(", ", map.Select(pair => pair.Key))}");
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number && computed?.GetValueKind() == JsonValueKind.Number:
                return CompareNumbers(name, [Number(computed)], [Number(value)], rule, type);
            default:
                return JsonNode.DeepEquals(computed, expected)
                    ? new ComparedEntry(name, 0, null)
                    : new ComparedEntry(name, double.NaN, $"is {Short(computed)} instead of {Short(expected)}");
        }
    }

    private static ComparedEntry Worst(string name, IEnumerable<ComparedEntry> parts)
    {
        double largest = 0;
        foreach (ComparedEntry part in parts)
        {
            if (part.Fault is not null)
            {
                return part;
            }

            largest = Math.Max(largest, part.LargestError);
        }

        return new ComparedEntry(name, largest, null);
    }

    private static double Number(JsonObject rule, string key) => Number(rule[key]!);

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private static string Short(JsonNode? node)
    {
        string text = node?.ToJsonString() ?? "null";
        return text.Length <= 80 ? text : text[..80] + "…";
    }
}

/// <summary>One expected tensor or value after comparison.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LargestError">The largest difference seen.</param>
/// <param name="Fault">What is wrong, or null.</param>
public sealed record ComparedEntry(string Name, double LargestError, string? Fault);
