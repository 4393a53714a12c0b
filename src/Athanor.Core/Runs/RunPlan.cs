using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Recipes;

namespace Athanor.Core.Runs;

/// <summary>What a run would do: each stage with its key, its folder and what already stands there.</summary>
public sealed class RunPlan
{
    private RunPlan(Recipe recipe, string folder, IReadOnlyList<PlannedStage> stages)
    {
        Recipe = recipe;
        Folder = folder;
        Stages = stages;
    }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The run's folder.</summary>
    public string Folder { get; }

    /// <summary>The stages in the order they run.</summary>
    public IReadOnlyList<PlannedStage> Stages { get; }

    /// <summary>Looks at a run's folder. Reads everything the recipe names from outside, for its digest.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="runs">The folder that holds the runs.</param>
    /// <param name="from">Run this stage and all after it again; null to run what is not done.</param>
    /// <exception cref="AthanorException">The recipe has no stage <paramref name="from"/>, or something from outside cannot be read.</exception>
    public static RunPlan Of(Recipe recipe, string runs, string? from = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        string[] names = [.. recipe.Stages.Select(stage => stage.Name)];
        if (from is not null && !names.Contains(from))
        {
            throw new AthanorException($"--from {from}: the recipe has no stage '{from}'", Spelling.Hint(from, names));
        }

        string folder = Path.Combine(runs, recipe.Name);
        bool again = false;
        Dictionary<string, string> keys = [];
        List<PlannedStage> planned = [];
        foreach (RecipeStage stage in recipe.Stages)
        {
            again |= stage.Name == from;
            Dictionary<string, string> inputs = stage.Inputs.ToDictionary(input => input.Reference, input => input.IsStage ? keys[input.Reference] : Artifact.Open(input.Reference).Manifest.Key);
            Dictionary<string, string> sources = stage.Sources.ToDictionary(source => source, ContentDigest.OfSource);
            string key = KeyOf(stage, recipe.Seed, inputs, sources);
            keys[stage.Name] = key;
            StageFolders folders = new(folder, stage.Name);
            planned.Add(new PlannedStage(stage, key, again ? StageStatus.Again : folders.StatusFor(key), folders, new Dictionary<string, string>([.. inputs, .. sources])));
        }

        return new RunPlan(recipe, folder, planned);
    }

    private static string KeyOf(RecipeStage stage, long seed, Dictionary<string, string> inputs, Dictionary<string, string> sources)
    {
        JsonObject identity = new()
        {
            ["stage"] = stage.Stage.Name,
            ["version"] = stage.Stage.Version,
            ["seed"] = seed,
            ["settings"] = SettingsJson.Of(stage.Settings, source => sources[source]),
            ["inputs"] = new JsonObject(inputs.OrderBy(input => input.Key, StringComparer.Ordinal).Select(input => KeyValuePair.Create<string, JsonNode?>(input.Key, input.Value))),
        };
        return ContentDigest.OfText(identity.ToJsonString(new JsonSerializerOptions { WriteIndented = false }));
    }
}

/// <summary>A stage of a plan.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Key">The key its artifact will have.</param>
/// <param name="Status">What stands on disk.</param>
/// <param name="Folders">Where it stands.</param>
/// <param name="Inputs">Keys of its inputs and digests of what it reads from outside.</param>
public sealed record PlannedStage(RecipeStage Stage, string Key, StageStatus Status, StageFolders Folders, IReadOnlyDictionary<string, string> Inputs);

/// <summary>How far a stage is.</summary>
public enum StageStatus
{
    /// <summary>Nothing is there.</summary>
    ToDo,

    /// <summary>It was begun with these settings and inputs, and goes on from its last checkpoint.</summary>
    Begun,

    /// <summary>Its artifact is there and whole.</summary>
    Done,

    /// <summary>Its artifact is there, but was made from other settings, inputs or by another version, or lacks files.</summary>
    Outdated,

    /// <summary>It was asked for again.</summary>
    Again,
}
