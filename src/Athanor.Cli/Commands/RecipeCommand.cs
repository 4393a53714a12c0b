using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Athanor.Cli.Stages;
using Athanor.Core.Recipes;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor recipe schema|settings</c>: what may stand in a recipe.</summary>
internal static class RecipeCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        Command schema = new("schema", "Print the JSON schema of recipes: every stage and setting with meaning, range and default. Saved as recipe.schema.json, an editor takes it from a recipe's first line: # yaml-language-server: $schema=recipe.schema.json");
        schema.SetAction(result => result.InvocationConfiguration.Output.WriteLine(RecipeSchema.Of(StageCatalog.All()).ToJsonString(Json)));
        Command settings = new("settings", "Print every stage and setting with meaning, range and default as a page of Markdown.");
        settings.SetAction(result => result.InvocationConfiguration.Output.Write(SettingsPage.Of(StageCatalog.All())));
        return new Command("recipe", "See what may stand in a recipe.") { schema, settings };
    }
}
