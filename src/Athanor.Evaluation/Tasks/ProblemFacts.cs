using System.Text.Json.Nodes;
using Athanor.Core.Documents;

namespace Athanor.Evaluation.Tasks;

/// <summary>What a corpus says of a problem beside the question; a fact that is missing or of another type is not known.</summary>
internal static class ProblemFacts
{
    /// <summary>Whether the subject stands in the training split.</summary>
    public static bool? Known(Problem problem) => Value<bool?>(problem, "known");

    /// <summary>The subject's name as the question spells it, such as <c>List.Add</c>.</summary>
    public static string? Member(Problem problem) => Value<string?>(problem, "member");

    /// <summary>The names of the subject's parameters; empty where it has none.</summary>
    public static IReadOnlyList<string> Parameters(Problem problem)
        => problem.Metadata?["parameters"] is JsonArray names ? [.. names.OfType<JsonValue>().Select(name => name.TryGetValue(out string? text) ? text : "")] : [];

    private static T? Value<T>(Problem problem, string key) => problem.Metadata?[key] is JsonValue value && value.TryGetValue(out T? fact) ? fact : default;
}
