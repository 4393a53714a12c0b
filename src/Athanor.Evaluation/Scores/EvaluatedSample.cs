namespace Athanor.Evaluation.Scores;

/// <summary>One question put to one model, with all that is needed to judge the verdict: a line of <c>samples/TASK.jsonl.zst</c>. Every score is computed from these lines.</summary>
public sealed record EvaluatedSample
{
    /// <summary>The model's name in this evaluation.</summary>
    public required string Model { get; init; }

    /// <summary>The task.</summary>
    public required string Task { get; init; }

    /// <summary>How many solved examples stood before the question.</summary>
    public int Shots { get; init; }

    /// <summary>The problem's or document's name.</summary>
    public required string Id { get; init; }

    /// <summary>The part of the task that is also scored on its own, such as a chain's length or the part of a corpus; null where there are none.</summary>
    public string? Group { get; init; }

    /// <summary>What the problem counts in a mean: 1, or for bits per byte the document's bytes.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The text the model was given.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>What it answered: the text it wrote, or the choice it found likeliest.</summary>
    public string Answer { get; init; } = "";

    /// <summary>What would have been right.</summary>
    public string Expected { get; init; } = "";

    /// <summary>The value of each metric; from 0 to 1 for those that count what is right.</summary>
    public required IReadOnlyDictionary<string, double> Values { get; init; }

    /// <summary>The scores the choices got, in the problem's order; null for a free answer.</summary>
    public IReadOnlyList<double>? ChoiceScores { get; init; }

    /// <summary>What should be known beside, such as an answer cut off for its length.</summary>
    public string? Note { get; init; }
}
