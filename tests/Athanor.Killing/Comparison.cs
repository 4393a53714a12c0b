using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Athanor.Killing;

/// <summary>Compares what two runs made, byte for byte but for times, speeds and facts of the machine.</summary>
internal static partial class Comparison
{
    private static readonly HashSet<string> Times =
        ["seconds", "train/tokens_per_second", "train/gemm_share", "peak_memory_bytes", "machine", "created", "training_seconds", "matrix_speed", "products", "prediction", "predicted"];

    /// <summary>What differs, a line each; empty where nothing does.</summary>
    public static IReadOnlyList<string> Differences(string expected, string found)
    {
        SortedDictionary<string, string> left = Fingerprints(expected);
        SortedDictionary<string, string> right = Fingerprints(found);
        return
        [
            .. left.Keys.Except(right.Keys).Select(name => $"{name} is missing"),
            .. right.Keys.Except(left.Keys).Select(name => $"{name} is too much"),
            .. left.Keys.Intersect(right.Keys).Where(name => left[name] != right[name]).Select(name => $"{name} differs{Where(left[name], right[name])}"),
        ];
    }

    private static string Where(string left, string right)
    {
        int at = left.AsSpan().CommonPrefixLength(right);
        return left.Length == 64 ? "" : $" at {at}: {left.Substring(Math.Max(0, at - 60), Math.Min(120, left.Length - Math.Max(0, at - 60)))} | {right.Substring(Math.Max(0, at - 60), Math.Min(120, right.Length - Math.Max(0, at - 60)))}";
    }

    private static SortedDictionary<string, string> Fingerprints(string folder)
    {
        string home = Path.GetFullPath(Path.Combine(folder, "..", ".."));
        SortedDictionary<string, string> prints = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            string name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (name == ".lock")
            {
                continue;
            }

            string Content() => File.ReadAllText(file).Replace(home, "", StringComparison.Ordinal);

            // an event file is called by the second it began in, and every record in it holds a time
            bool events = name.Contains("events.out.tfevents", StringComparison.Ordinal);
            prints[events ? Path.GetDirectoryName(name)! + "/events" : name] = Path.GetExtension(name) switch
            {
                _ when events => "events",
                ".json" => Plain(JsonNode.Parse(Content()))!.ToJsonString(),
                ".jsonl" => string.Join('\n', Content().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Plain(JsonNode.Parse(line))!.ToJsonString())),
                ".html" => Numbers().Replace(Drawings().Replace(Content(), ""), ""),
                _ => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))),
            };
        }

        return prints;
    }

    // without what a clock or the machine gave; of a file that holds such, an artifact's digest is left out too
    private static JsonNode? Plain(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach ((string key, JsonNode? value) in map.ToList())
                {
                    if (Times.Contains(key) || key.EndsWith(".json", StringComparison.Ordinal) || key.EndsWith(".jsonl", StringComparison.Ordinal) || key.EndsWith(".html", StringComparison.Ordinal) || key.Contains("tfevents", StringComparison.Ordinal))
                    {
                        map.Remove(key);
                    }
                    else
                    {
                        Plain(value);
                    }
                }

                break;
            case JsonArray list:
                foreach (JsonNode? item in list)
                {
                    Plain(item);
                }

                break;
            case JsonValue value when value.TryGetValue(out string? text) && text.Contains("GFLOP/s", StringComparison.Ordinal):
                value.ReplaceWith("measured");
                break;
        }

        return node;
    }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Drawings();

    [GeneratedRegex(@"(?:[\d.,:]+ ?(?:[kKMGT]?i?B(?:/s)?|m?s|min|h|×)?\s*)+|<div class=""bar""[^>]*>")]
    private static partial Regex Numbers();
}
