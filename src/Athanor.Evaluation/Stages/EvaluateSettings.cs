using System.ComponentModel.DataAnnotations;
using Athanor.Core.Artifacts;
using Athanor.Core.Stages;

namespace Athanor.Evaluation.Stages;

/// <summary>Settings of <c>model.evaluate</c>.</summary>
public sealed record EvaluateSettings
{
    /// <summary>The models to evaluate, each compared with those before it: before and after tuning.</summary>
    [Input(ArtifactKind.Model)]
    [MinLength(1)]
    public IReadOnlyList<string> Models { get; init; } = ["pretrain", "tune"];

    /// <summary>The corpus that problems and held-out documents come from.</summary>
    [Input(ArtifactKind.Corpus)]
    public string Corpus { get; init; } = "corpus";

    /// <summary>The training tokens that the n-gram models, which stand beside the others for comparison, are counted from.</summary>
    [Input(ArtifactKind.Tokens)]
    public string Tokens { get; init; } = "tokens";

    /// <summary>The tasks to ask; empty: every task that the corpus has problems for and the models were taught.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>The held-out problems that are asked: <c>test</c> for figures that are published, <c>validation</c> for choices.</summary>
    [RegularExpression("test|validation")]
    public string Split { get; init; } = CorpusLayout.Test;

    /// <summary>The most problems (for bits per byte: documents of each part) a task asks; left out: the task's own number.</summary>
    [Range(1, 1_000_000)]
    public int? Limit { get; init; }

    /// <summary>Solved examples before each question; left out: the task's own numbers.</summary>
    [Range(0, 64)]
    public int? Shots { get; init; }

    /// <summary>How many problems are put to a model together; changes speed and memory, never a score.</summary>
    [Range(1, 4096)]
    public int BatchSize { get; init; } = 128;

    /// <summary>The longest n-gram of the n-gram models that stand beside the others; 0 leaves them out.</summary>
    [Range(0, 8)]
    public int NGramOrder { get; init; } = 5;
}
