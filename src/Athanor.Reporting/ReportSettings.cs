using Athanor.Core.Artifacts;
using Athanor.Core.Stages;

namespace Athanor.Reporting;

/// <summary>What the report draws from.</summary>
public sealed record ReportSettings
{
    /// <summary>The corpus to describe.</summary>
    [Input(ArtifactKind.Corpus)]
    public string? Corpus { get; init; } = "corpus";

    /// <summary>The tokenizer to describe.</summary>
    [Input(ArtifactKind.Tokenizer)]
    public string? Tokenizer { get; init; } = "tokenizer";

    /// <summary>The encoded tokens to describe.</summary>
    [Input(ArtifactKind.Tokens)]
    public string? Tokens { get; init; } = "tokens";

    /// <summary>The models to describe, in the order they were made.</summary>
    [Input(ArtifactKind.Model)]
    public IReadOnlyList<string> Models { get; init; } = ["pretrain", "tune"];

    /// <summary>The scores to show.</summary>
    [Input(ArtifactKind.Scores)]
    public string? Scores { get; init; } = "evaluate";
}
