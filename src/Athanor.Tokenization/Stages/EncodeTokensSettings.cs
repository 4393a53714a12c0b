using Athanor.Core.Artifacts;
using Athanor.Core.Stages;

namespace Athanor.Tokenization.Stages;

/// <summary>Settings of <c>tokens.encode</c>.</summary>
public sealed record EncodeTokensSettings
{
    /// <summary>The corpus to encode, all its splits.</summary>
    [Input(ArtifactKind.Corpus)]
    public string Corpus { get; init; } = "corpus";

    /// <summary>The tokenizer to encode with.</summary>
    [Input(ArtifactKind.Tokenizer)]
    public string Tokenizer { get; init; } = "tokenizer";

    /// <summary>The parts of the corpus to encode; empty: all.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];
}
