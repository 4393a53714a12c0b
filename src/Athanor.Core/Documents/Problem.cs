using System.Text.Json.Nodes;

namespace Athanor.Core.Documents;

/// <summary>A question with a known answer, made by the corpus for a task of the evaluation.</summary>
public sealed record Problem
{
    /// <summary>A name unique in its task; problems of one split share it with no training document.</summary>
    public required string Id { get; init; }

    /// <summary>The task it belongs to, such as <c>chains.step</c>.</summary>
    public required string Task { get; init; }

    /// <summary>What is asked: turns that end with the user's.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The answer that counts as right: a short text, or for a choice the text of the right one.</summary>
    public required string Answer { get; init; }

    /// <summary>The possible answers of a multiple choice; null for a free answer.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>For a choice, the question without what identifies the subject: pointwise mutual information divides by its likelihood (Holtzman et al. 2021).</summary>
    public IReadOnlyList<ChatMessage>? NeutralMessages { get; init; }

    /// <summary>Solved examples of the same kind that may stand before the question (few-shot), most useful first; each an exchange of user and assistant.</summary>
    public IReadOnlyList<Exchange> Examples { get; init; } = [];

    /// <summary>What else is known of it, such as the chain's length.</summary>
    public JsonObject? Metadata { get; init; }
}

/// <summary>A question and its answer.</summary>
/// <param name="User">The question.</param>
/// <param name="Assistant">The answer.</param>
public sealed record Exchange(string User, string Assistant);
