using Athanor.Core.Artifacts;
using Athanor.Core.Stages;

namespace Athanor.Core.Recipes;

/// <summary>A run that was written down: checked whole, with every setting resolved. <see cref="RecipeReader"/> makes one.</summary>
public sealed record Recipe
{
    /// <summary>The run's name and that of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in a sentence; may be empty.</summary>
    public required string Description { get; init; }

    /// <summary>The seed of all random streams.</summary>
    public required long Seed { get; init; }

    /// <summary>The profile it was read with; null for none.</summary>
    public string? Profile { get; init; }

    /// <summary>The file it was read from, as the user named it.</summary>
    public required string Path { get; init; }

    /// <summary>The file's text.</summary>
    public required string Text { get; init; }

    /// <summary>The stages, each after everything it reads; as written where that leaves a choice.</summary>
    public required IReadOnlyList<RecipeStage> Stages { get; init; }
}

/// <summary>One stage of a recipe.</summary>
/// <param name="Name">Its name in this recipe and that of its folder.</param>
/// <param name="Stage">What does the work.</param>
/// <param name="Settings">The settings record, complete and validated.</param>
/// <param name="Inputs">What it reads.</param>
/// <param name="Sources">Files and folders from outside that it reads, as the settings name them.</param>
public sealed record RecipeStage(string Name, IStage Stage, object Settings, IReadOnlyList<StageInput> Inputs, IReadOnlyList<string> Sources);

/// <summary>An input of a stage.</summary>
/// <param name="Reference">A stage of the same recipe, or a folder; what the settings call it.</param>
/// <param name="Kind">The kind it must have.</param>
/// <param name="IsStage">Whether it is a stage of the same recipe.</param>
public sealed record StageInput(string Reference, ArtifactKind Kind, bool IsStage);

/// <summary>How a recipe is read.</summary>
public sealed record RecipeOptions
{
    /// <summary>A profile of the recipe to lay over it; null for none.</summary>
    public string? Profile { get; init; }

    /// <summary>Settings laid over the recipe last: <c>stage.key=value</c>, <c>seed=3</c>.</summary>
    public IReadOnlyList<string> Overlays { get; init; } = [];

    /// <summary>Another name for the run; null for the recipe's, with the profile's behind it where one is given.</summary>
    public string? Name { get; init; }
}
