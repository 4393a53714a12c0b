using System.Text.RegularExpressions;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Stages;

namespace Athanor.Core.Recipes;

/// <summary>Reads recipes and checks them whole before anything starts: all faults are told at once, each with its line.</summary>
/// <param name="catalog">The stages that recipes may use.</param>
public sealed partial class RecipeReader(IReadOnlyList<IStage> catalog)
{
    /// <summary>What a profile gives for a stage that it leaves out.</summary>
    internal const string Omit = "omit";

    /// <summary>The key of a profile that names the setting which, given with <c>--set</c>, lays the profile over by itself.</summary>
    internal const string When = "when";

    /// <summary>The key of a stage that names what does the work.</summary>
    internal const string Use = "use";

    private static readonly string[] TopKeys = ["name", "description", "seed", "stages", "profiles"];

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="AthanorException">It is missing, malformed or wrong; the message holds every fault, a line each.</exception>
    public Recipe Read(string path, RecipeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> faults = [];
        string text = RecipeYaml.ReadText(path);
        MapNode root = RecipeYaml.Read(path, text, faults);
        string? fromFile = Path.GetFileNameWithoutExtension(path);
        string[] profiles = [.. Implied(root, options.Overlays).Prepend(options.Profile).OfType<string>().Distinct()];
        string[] written = [.. (root["stages"] as MapNode)?.Entries.Select(stage => stage.Key) ?? []];
        root = profiles.Aggregate(root, (under, profile) => WithProfile(under, profile, written, path, faults));
        root = options.Overlays.Aggregate(root, (under, overlay) => WithOverlay(under, overlay, faults));
        SettingsBinder binder = new(faults);
        foreach (MapEntry entry in root.Entries.Where(entry => !TopKeys.Contains(entry.Key)))
        {
            faults.Add($"{entry.Mark}: a recipe has no key '{entry.Key}': {Spelling.Hint(entry.Key, TopKeys)}");
        }

        Header header = (Header)binder.BindRecord(root with { Entries = [.. root.Entries.Where(entry => entry.Key is "name" or "description" or "seed")] }, typeof(Header), "the recipe");
        // a profile has a folder of its own: a quick try must not replace what took long
        string name = options.Name ?? $"{(header.Name.Length > 0 ? header.Name : fromFile)}{string.Concat(profiles.Select(profile => $"-{profile}"))}";
        if (!NamePattern().IsMatch(name))
        {
            faults.Add($"{(options.Name is null ? root["name"]?.Mark ?? root.Mark : "--name")}: '{name}' cannot name a run's folder: use letters, digits, -, _ and . (at most 64, beginning with a letter or digit)");
        }

        List<BoundStage> stages = ReadStages(root, binder, faults);
        IReadOnlyList<RecipeStage> ordered = Order(Link(stages, [.. (root["stages"] as MapNode)?.Entries.Select(entry => entry.Key) ?? []], faults), stages, faults);
        if (faults.Count > 0)
        {
            string[] told = [.. faults.Distinct()];
            throw new AthanorException(told.Length == 1 ? told[0] : string.Join("\n  ", [$"{path} has {told.Length} faults:", .. told]),
                $"correct {(told.Length == 1 ? "it" : "them")}; nothing was started (./athanor recipe schema gives your editor the same checks)");
        }

        return new Recipe { Name = name, Description = header.Description, Seed = header.Seed, Profile = profiles.Length == 0 ? null : string.Join(", ", profiles), Path = path, Text = text, Stages = ordered };
    }

    // profiles that a setting of the command line brings with it
    private static IEnumerable<string> Implied(MapNode root, IReadOnlyList<string> overlays)
    {
        string[] given = [.. overlays.Select(overlay => overlay.Split('=', 2)[0].Trim())];
        return (root["profiles"] as MapNode)?.Entries.Where(profile => profile.Value is MapNode map && map[When] is ScalarNode { IsNull: false } when && given.Contains(when.Text)).Select(profile => profile.Key) ?? [];
    }

    // written: the recipe's stages before any profile left one out
    private static MapNode WithProfile(MapNode root, string profile, string[] written, string path, List<string> faults)
    {
        if (root["profiles"] is not MapNode profiles)
        {
            faults.Add($"{path}: the recipe has no profiles, so none is called '{profile}'");
            return root;
        }

        if (profiles[profile] is not MapNode overlay)
        {
            faults.Add(profiles[profile] is RecipeNode wrong
                ? $"{wrong.Mark}: the profile '{profile}' must be a map from stages to settings, not {wrong.Kind}"
                : $"{profiles.Mark}: the recipe has no profile '{profile}': {Spelling.Hint(profile, [.. profiles.Entries.Select(entry => entry.Key)])}");
            return root;
        }

        if (root["stages"] is not MapNode stages)
        {
            return root;
        }

        HashSet<string> omitted = [];
        overlay = overlay with { Entries = [.. overlay.Entries.Where(entry => entry.Key != When)] };
        foreach (MapEntry entry in overlay.Entries)
        {
            if (!written.Contains(entry.Key))
            {
                faults.Add($"{entry.Mark}: the profile '{profile}' names no stage of this recipe with '{entry.Key}': {Spelling.Hint(entry.Key, written)}");
            }
            else if (entry.Value is ScalarNode { Text: Omit })
            {
                omitted.Add(entry.Key);
            }
            else if (entry.Value is not MapNode)
            {
                faults.Add($"{entry.Value.Mark}: the profile '{profile}' gives {entry.Key} {entry.Value.Kind}: give settings, or '{Omit}' to leave the stage out");
            }
        }

        MapNode settings = overlay with { Entries = [.. overlay.Entries.Where(entry => entry.Value is MapNode && stages[entry.Key] is not null)] };
        MapNode merged = stages.With(settings);
        return Replace(root, "stages", merged with { Entries = [.. merged.Entries.Where(entry => !omitted.Contains(entry.Key))] });
    }

    private static MapNode WithOverlay(MapNode root, string overlay, List<string> faults)
    {
        string option = $"--set {overlay}";
        string[] parts = overlay.Split('=', 2);
        string[] keys = parts[0].Trim().Split('.');
        Mark mark = new(option, 0);
        if (parts.Length < 2 || keys.Any(string.IsNullOrWhiteSpace))
        {
            faults.Add($"{option}: give stage.key=value, such as pretrain.depth=2");
            return root;
        }

        RecipeNode value = RecipeYaml.ReadValue(option, parts[1], faults);
        if (keys is ["name" or "description" or "seed"])
        {
            return Replace(root, keys[0], value);
        }

        MapNode? stages = root["stages"] as MapNode;
        if (stages?[keys[0]] is null || keys.Length < 2)
        {
            faults.Add($"{option}: the recipe has no stage '{keys[0]}': {Spelling.Hint(keys[0], [.. stages?.Entries.Select(stage => stage.Key) ?? []])}");
            return root;
        }

        RecipeNode nested = keys.Reverse().Aggregate(value, (inner, key) => new MapNode(mark, [new MapEntry(key, mark, inner)]));
        return Replace(root, "stages", stages.With((MapNode)nested));
    }

    private static MapNode Replace(MapNode map, string key, RecipeNode value)
        => map with { Entries = [.. map.Entries.Where(entry => entry.Key != key), new MapEntry(key, value.Mark, value)] };

    private List<BoundStage> ReadStages(MapNode root, SettingsBinder binder, List<string> faults)
    {
        List<BoundStage> bound = [];
        if (root["stages"] is not MapNode { Entries.Count: > 0 } stages)
        {
            faults.Add($"{root["stages"]?.Mark ?? root.Mark}: the recipe needs 'stages', a map from names to stages");
            return bound;
        }

        foreach (MapEntry entry in stages.Entries)
        {
            if (!StagePattern().IsMatch(entry.Key))
            {
                faults.Add($"{entry.Mark}: '{entry.Key}' cannot name a stage: use small letters, digits, - and _ (at most 40, beginning with a letter)");
            }

            if (entry.Value is not MapNode map)
            {
                faults.Add($"{entry.Value.Mark}: the stage {entry.Key} must be a map with '{Use}' and settings, not {entry.Value.Kind}");
                continue;
            }

            if (map[Use] is not ScalarNode { IsNull: false } use)
            {
                faults.Add($"{entry.Mark}: the stage {entry.Key} needs '{Use}', the name of what it does, such as {catalog[0].Name}");
                continue;
            }

            if (catalog.FirstOrDefault(stage => stage.Name == use.Text) is not IStage stage)
            {
                faults.Add($"{use.Mark}: there is no stage '{use.Text}': {Spelling.Hint(use.Text, [.. catalog.Select(known => known.Name)])}");
                continue;
            }

            bound.Add(new BoundStage(entry, map, stage, binder.BindRecord(map, stage.SettingsType, entry.Key, Use)));
        }

        return bound;
    }

    // written: every stage's name, also of those that could not be read, which were told already
    private static List<RecipeStage> Link(List<BoundStage> stages, HashSet<string> written, List<string> faults)
    {
        List<RecipeStage> linked = [];
        foreach (BoundStage stage in stages)
        {
            List<StageInput> inputs = [];
            foreach (NamedSetting setting in NamedSetting.Inputs(stage.Settings))
            {
                Mark mark = stage.Map[setting.Key.Split('.')[0]]?.Mark ?? stage.Entry.Mark;
                string place = $"{mark}: {stage.Entry.Key}.{setting.Key}";
                BoundStage? maker = stages.FirstOrDefault(other => other.Entry.Key == setting.Value);
                if (maker is not null && maker.Stage.Produces != setting.Kind)
                {
                    faults.Add($"{place} needs {Word(setting.Kind)}, the stage '{setting.Value}' makes {Word(maker.Stage.Produces)}");
                }
                else if (maker is null && !written.Contains(setting.Value) && FolderFault(setting, stages) is string fault)
                {
                    faults.Add($"{place} {fault}");
                }

                if (!inputs.Any(input => input.Reference == setting.Value))
                {
                    inputs.Add(new StageInput(setting.Value, setting.Kind, maker is not null));
                }
            }

            List<string> sources = [];
            foreach (NamedSetting setting in NamedSetting.Sources(stage.Settings))
            {
                if (!Path.Exists(setting.Value))
                {
                    Mark mark = stage.Map[setting.Key.Split('.')[0]]?.Mark ?? stage.Entry.Mark;
                    faults.Add($"{mark}: {stage.Entry.Key}.{setting.Key}: {setting.Value} does not exist (looked in {Environment.CurrentDirectory})");
                }

                sources.Add(setting.Value);
            }

            linked.Add(new RecipeStage(stage.Entry.Key, stage.Stage, stage.Settings, inputs, [.. sources.Distinct()]));
        }

        return linked;
    }

    private static string? FolderFault(NamedSetting setting, List<BoundStage> stages)
    {
        if (!Directory.Exists(setting.Value))
        {
            string[] makers = [.. stages.Where(stage => stage.Stage.Produces == setting.Kind).Select(stage => stage.Entry.Key)];
            string hint = makers.Length > 0 ? Spelling.Hint(setting.Value, makers) : $"no stage of this recipe makes {Word(setting.Kind)}";
            return $"names neither a stage of this recipe nor a folder: '{setting.Value}': {hint}";
        }

        try
        {
            ArtifactKind kind = Artifact.Open(setting.Value).Manifest.Kind;
            return kind == setting.Kind ? null : $"needs {Word(setting.Kind)}, the folder {setting.Value} holds {Word(kind)}";
        }
        catch (AthanorException exception)
        {
            return $"cannot be read: {exception.Message}";
        }
    }

    // each stage after what it reads, otherwise as written (Kahn 1962)
    private static List<RecipeStage> Order(List<RecipeStage> stages, List<BoundStage> bound, List<string> faults)
    {
        List<RecipeStage> ordered = [];
        List<RecipeStage> left = [.. stages];
        while (left.Count > 0)
        {
            RecipeStage? next = left.FirstOrDefault(stage => !stage.Inputs.Any(input => input.IsStage && left.Any(other => other.Name == input.Reference)));
            if (next is null)
            {
                string[] circle = [.. Circle(left)];
                Mark mark = bound.First(stage => stage.Entry.Key == circle[0]).Entry.Mark;
                faults.Add($"{mark}: the stages go round in a circle: {string.Join(" reads ", circle)}");
                return [];
            }

            left.Remove(next);
            ordered.Add(next);
        }

        return ordered;
    }

    private static IEnumerable<string> Circle(List<RecipeStage> left)
    {
        List<string> path = [];
        string at = left[0].Name;
        while (!path.Contains(at))
        {
            path.Add(at);
            at = left.First(stage => stage.Name == at).Inputs.First(input => input.IsStage && left.Any(other => other.Name == input.Reference)).Reference;
        }

        return [.. path[path.IndexOf(at)..], at];
    }

    internal static string Word(ArtifactKind kind) => kind is ArtifactKind.Tokens or ArtifactKind.Scores ? SettingsShape.NameOf(kind) : $"a {SettingsShape.NameOf(kind)}";

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,39}\z")]
    private static partial Regex StagePattern();

    private sealed record Header
    {
        public string Name { get; init; } = "";

        public string Description { get; init; } = "";

        public long Seed { get; init; } = 1;
    }

    private sealed record BoundStage(MapEntry Entry, MapNode Map, IStage Stage, object Settings);
}
