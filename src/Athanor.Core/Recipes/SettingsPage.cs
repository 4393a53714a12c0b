using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Athanor.Core.Stages;

namespace Athanor.Core.Recipes;

/// <summary>The settings of every stage as a page of Markdown, made from the same schema that editors use.</summary>
public static class SettingsPage
{
    /// <summary>The page.</summary>
    public static string Of(IReadOnlyList<IStage> catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        JsonObject definitions = (JsonObject)RecipeSchema.Of(catalog)["$defs"]!;
        StringBuilder page = new();
        page.Append("# Recipes and their settings\n\n");
        page.Append("Every stage and setting, printed by `./athanor recipe settings` from the program itself; `./athanor recipe schema` gives the same to editors. A recipe names its stages and sets what differs from the defaults below:\n\n");
        page.Append("```yaml\nname: mine\nseed: 1\nstages:\n  corpus: { use: corpus.build, path: texts }   # the stage's name in this run, what it does, its settings\n```\n\n");
        page.Append("`--set STAGE.KEY=VALUE` changes one for a run, `--set STAGE.KEY=~` leaves one out. A setting that names an input takes a stage of the same recipe or the folder of a finished one. Where the default is none, the meaning says what is taken instead; the rules R1 to R10 are printed with their values and sources when `model.pretrain` starts.\n");
        foreach (IStage stage in catalog)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {stage.Name}\n\n{stage.Purpose} (survey, {stage.SurveySection})\n\n| setting | default | range | meaning |\n| --- | --- | --- | --- |\n");
            foreach ((string name, JsonNode? value) in (JsonObject)definitions[stage.Name]!["properties"]!)
            {
                if (name != RecipeReader.Use)
                {
                    JsonObject setting = (JsonObject)value!;
                    page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {Default(setting)} | {Range(setting)} | {Cell((string?)setting["description"] ?? "")} |\n");
                }
            }
        }

        return page.ToString();
    }

    private static string Default(JsonObject setting) => setting.TryGetPropertyValue("default", out JsonNode? value) ? value is null ? "none" : $"`{Cell(value.ToJsonString())}`" : "required";

    private static string Range(JsonObject setting)
    {
        if (setting["enum"] is JsonArray choices)
        {
            return string.Join(", ", choices.Where(choice => choice is not null).Select(choice => $"`{choice}`"));
        }

        string least = setting["minimum"] is { } minimum ? $"from {minimum}" : setting["exclusiveMinimum"] is { } above ? $"above {above}" : "";
        string most = setting["maximum"] is { } maximum ? $"to {maximum}" : setting["exclusiveMaximum"] is { } below ? $"below {below}" : "";
        return $"{least} {most}".Trim();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", "<br>", StringComparison.Ordinal);
}
