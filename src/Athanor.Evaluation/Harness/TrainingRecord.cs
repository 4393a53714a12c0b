using System.Text.Json;
using Athanor.Core.Errors;

namespace Athanor.Evaluation.Harness;

/// <summary>What a model's folder says of its training: <c>training.json</c> beside the weights.</summary>
public static class TrainingRecord
{
    /// <summary>How many tokens of each part of the corpus the model's last training saw; empty where the folder does not say.</summary>
    /// <exception cref="AthanorException">The record is malformed.</exception>
    public static IReadOnlyDictionary<string, long> TokensByPart(string folder)
    {
        string path = Path.Combine(folder, "training.json");
        if (!File.Exists(path))
        {
            return new Dictionary<string, long>();
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument report = JsonDocument.Parse(stream);
            long tokens = report.RootElement.GetProperty("tokens").GetInt64();
            return report.RootElement.GetProperty("mixture").EnumerateArray()
                .ToDictionary(part => part.GetProperty("part").GetString() ?? "", part => (long)(tokens * part.GetProperty("share").GetDouble()));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} is no record of a training: {exception.Message}", "train the model again, or delete the file", exception);
        }
    }

    /// <summary>The parts that any of some models saw; null where one of them does not say.</summary>
    /// <exception cref="AthanorException">A record is malformed.</exception>
    public static IReadOnlyCollection<string>? PartsOf(IEnumerable<string> folders)
    {
        HashSet<string> parts = [];
        foreach (string folder in folders)
        {
            IReadOnlyDictionary<string, long> seen = TokensByPart(folder);
            if (seen.Count == 0)
            {
                return null;
            }

            parts.UnionWith(seen.Keys);
        }

        return parts;
    }
}
