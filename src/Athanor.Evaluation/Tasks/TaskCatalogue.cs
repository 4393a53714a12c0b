using Athanor.Core.Errors;

namespace Athanor.Evaluation.Tasks;

/// <summary>Every task there is. A new one is a class in this folder and a line here.</summary>
public static class TaskCatalogue
{
    /// <summary>All tasks, in the order people read them.</summary>
    public static IReadOnlyList<EvaluationTask> All { get; } =
    [
        new BitsPerByte(),
        new ChainsStep(),
        new ChainsDirect(),
        new ChainsLongStep(),
        new ChainsLongDirect(),
        new Operations(),
        new MultipleChoice(),
        new ClosedBook(),
        new LastLetters(),
        new CoinFlips(),
        new Dates(),
    ];

    /// <summary>The task of a name.</summary>
    /// <exception cref="AthanorException">There is none.</exception>
    public static EvaluationTask Find(string name)
        => All.FirstOrDefault(task => task.Name == name)
            ?? throw new AthanorException($"there is no task called '{name}'", $"choose among {string.Join(", ", All.Select(task => task.Name))}");
}
