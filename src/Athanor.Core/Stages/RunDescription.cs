namespace Athanor.Core.Stages;

/// <summary>The run a stage belongs to, for whoever describes it to people.</summary>
/// <param name="Name">The run's name.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="RecipePath">The recipe as the user named it.</param>
/// <param name="RecipeText">The recipe as it was written.</param>
/// <param name="Command">The command that started the run, as one would type it.</param>
/// <param name="Stages">The stages in order.</param>
public sealed record RunDescription(string Name, string Folder, string RecipePath, string RecipeText, string Command, IReadOnlyList<RunStage> Stages);

/// <summary>A stage of a run.</summary>
/// <param name="Name">Its name in the recipe, which is also its folder's.</param>
/// <param name="Stage">What it does.</param>
public sealed record RunStage(string Name, IStage Stage);
