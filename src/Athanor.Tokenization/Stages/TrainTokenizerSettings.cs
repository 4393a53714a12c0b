using System.ComponentModel.DataAnnotations;
using Athanor.Core.Artifacts;
using Athanor.Core.Stages;
using Athanor.Tokenization.Training;

namespace Athanor.Tokenization.Stages;

/// <summary>Settings of <c>tokenizer.train</c>.</summary>
public sealed record TrainTokenizerSettings
{
    /// <summary>The corpus whose training split it learns from.</summary>
    [Input(ArtifactKind.Corpus)]
    public string Corpus { get; init; } = "corpus";

    /// <summary>The parts of the corpus to learn from; empty: all.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>The most bytes of text to learn from in each part; a larger part is sampled, document by document.</summary>
    [Range(1_000L, 4_000_000_000L)]
    public long BytesPerPart { get; init; } = 16_000_000;

    /// <summary>How many tokens the vocabulary has, special tokens and the 256 bytes among them.</summary>
    [Range(300, 1_000_000)]
    public int VocabularySize { get; init; } = 4096;

    /// <summary>When set, the numbers " 0" to this one become single tokens, so that arithmetic sees whole numbers.</summary>
    [Range(0, BytePairTrainer.LargestWholeNumber)]
    public int? WholeNumbers { get; init; }
}
