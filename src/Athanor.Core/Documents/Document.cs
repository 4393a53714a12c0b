using System.Text.Json.Nodes;

namespace Athanor.Core.Documents;

/// <summary>A piece of a corpus: running text, or a conversation. One line of a <c>.jsonl</c> file, with the field's usual keys.</summary>
public sealed record Document
{
    /// <summary>A name unique in its part, such as <c>System.IO.File</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The text; for a conversation the empty string.</summary>
    public string Text { get; init; } = "";

    /// <summary>The turns of a conversation; null for running text.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary>What else is known of it.</summary>
    public JsonObject? Metadata { get; init; }
}

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>Instructions that hold for the whole conversation.</summary>
    public const string System = "system";

    /// <summary>The person.</summary>
    public const string User = "user";

    /// <summary>The model.</summary>
    public const string Assistant = "assistant";
}
