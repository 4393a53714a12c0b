using Athanor.Core.Stages;
using Athanor.Models.LanguageModels;

namespace Athanor.Evaluation.Tasks;

/// <summary>What a task is asked with.</summary>
internal sealed record TaskRequest
{
    /// <summary>Who is asked.</summary>
    public required ILanguageModel Model { get; init; }

    /// <summary>The model's name in this evaluation.</summary>
    public required string ModelName { get; init; }

    /// <summary>The problems' home.</summary>
    public required EvaluationData Data { get; init; }

    /// <summary>Solved examples before each question.</summary>
    public int Shots { get; init; }

    /// <summary>How many problems at most; null for the task's own number.</summary>
    public int? Limit { get; init; }

    /// <summary>How many problems are put to the model together; changes speed and memory, never a score.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Told how many problems are done.</summary>
    public IProgressTask? Progress { get; init; }
}

/// <summary>What a trivial answerer gets, a value a problem.</summary>
/// <param name="Name">How it answers.</param>
/// <param name="Values">The value of the task's main metric for each problem, in order.</param>
internal sealed record Baseline(string Name, IReadOnlyList<double> Values);
