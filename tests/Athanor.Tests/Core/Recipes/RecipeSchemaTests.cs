using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Athanor.Cli.Stages;
using Athanor.Core.Recipes;
using Athanor.Core.Stages;
using Athanor.Tests.Core.Runs;
using Xunit;

namespace Athanor.Tests.Core.Recipes;

public sealed class RecipeSchemaTests
{
    private static readonly JsonObject Schema = (JsonObject)JsonNode.Parse(RecipeSchema.Of(StageCatalog.All()).ToJsonString())!;

    [Fact]
    public void The_shipped_recipe_is_valid()
        => Assert.Empty(FaultsOf(File.ReadAllText(Path.Combine(Root(), "recipes/quickstart.yaml"))));

    [Theory]
    [InlineData("stages: { a: { use: corpus.build, chanis: 5 } }", "/stages/a/chanis")]
    [InlineData("stages: { a: { use: corpus.build, chains: -5 } }", "/stages/a/chains")]
    [InlineData("stages: { a: { use: corpus.build, chains: many } }", "/stages/a/chains")]
    [InlineData("stages: { a: { use: model.pretrain, schedule: linaer } }", "/stages/a/schedule")]
    [InlineData("stages: { a: { use: model.pretrian } }", "/stages/a/use")]
    [InlineData("stages: { a: { chains: 5 } }", "/stages/a")]
    [InlineData("sed: 1\nstages: { a: { use: corpus.build } }", "/sed")]
    [InlineData("stages: { a: { use: corpus.build } }\nprofiles: { small: { a: { chanis: 1 } } }", "/profiles/small/a")]
    public void What_a_run_would_refuse_is_invalid(string recipe, string place) => Assert.Contains(place, FaultsOf(recipe));

    [Fact]
    public void Every_setting_of_every_stage_says_what_it_means()
    {
        foreach (IStage stage in StageCatalog.All())
        {
            Assert.All(SettingsShape.Of(stage.SettingsType).Keys, key => Assert.False(string.IsNullOrWhiteSpace(DocComments.Of(key.Property)), $"{stage.Name}: {key.Name} has no doc comment"));
        }
    }

    [Fact]
    public void Types_ranges_choices_defaults_and_meaning_come_from_the_record()
    {
        JsonObject numbers = (JsonObject)RecipeSchema.Of([new NumbersStage()])["$defs"]!["numbers.draw"]!["properties"]!;
        Assert.Equal("""{"description":"How many numbers are drawn.","type":"integer","minimum":1,"maximum":1000,"default":20}""", numbers["count"]!.ToJsonString());
        Assert.Equal("""["plain_vanilla","dark_chocolate"]""", numbers["flavour"]!["enum"]!.ToJsonString());
        Assert.Equal("""{"type":"number","minimum":0,"maximum":1}""", numbers["mixture"]!["additionalProperties"]!.ToJsonString());
        Assert.False(numbers["nested"]!["additionalProperties"]!.GetValue<bool>());
    }

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Athanor.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    private static List<string> FaultsOf(string recipe)
    {
        List<string> faults = [];
        Check(RecipeYaml.Read("recipe.yaml", recipe, faults), Schema, "", faults);
        return faults;
    }

    // the words of JSON schema that ours uses, as the standard defines them
    private static void Check(RecipeNode node, JsonObject schema, string at, List<string> faults)
    {
        foreach ((string word, JsonNode? value) in schema)
        {
            bool holds = word switch
            {
                "type" => (value is JsonArray types ? types.Select(type => type!.GetValue<string>()) : [value!.GetValue<string>()]).Any(type => IsA(node, type)),
                "const" => node is ScalarNode scalar && scalar.Text == value!.GetValue<string>(),
                "enum" => node is ScalarNode scalar && ((JsonArray)value!).Any(choice => choice?.GetValue<string>() == scalar.Text),
                "minimum" => Number(node) is not double number || number >= value!.GetValue<double>(),
                "maximum" => Number(node) is not double number || number <= value!.GetValue<double>(),
                "pattern" => node is not ScalarNode scalar || Regex.IsMatch(scalar.Text, value!.GetValue<string>()),
                "required" => node is not MapNode map || ((JsonArray)value!).All(key => map[key!.GetValue<string>()] is not null),
                "anyOf" => ((JsonArray)value!).Any(choice => Holds(node, (JsonObject)choice!)),
                "propertyNames" => node is not MapNode map || map.Entries.All(entry => Holds(new ScalarNode(entry.Mark, entry.Key, Quoted: true), (JsonObject)value!)),
                _ => true,
            };
            if (!holds)
            {
                faults.Add(at);
            }

            switch (word)
            {
                case "$ref":
                    Check(node, (JsonObject)Schema["$defs"]![value!.GetValue<string>()["#/$defs/".Length..]]!, at, faults);
                    break;
                case "allOf":
                    foreach (JsonNode? part in (JsonArray)value!)
                    {
                        Check(node, (JsonObject)part!, at, faults);
                    }

                    break;
                case "then" when Holds(node, (JsonObject)schema["if"]!):
                    Check(node, (JsonObject)value!, at, faults);
                    break;
                case "items" when node is ListNode list:
                    foreach (RecipeNode item in list.Items)
                    {
                        Check(item, (JsonObject)value!, at, faults);
                    }

                    break;
                case "properties" or "additionalProperties" when node is MapNode map:
                    CheckEntries(map, schema, word, at, faults);
                    break;
            }
        }
    }

    private static void CheckEntries(MapNode map, JsonObject schema, string word, string at, List<string> faults)
    {
        JsonObject properties = schema["properties"] as JsonObject ?? [];
        foreach (MapEntry entry in map.Entries.Where(entry => properties.ContainsKey(entry.Key) == (word == "properties")))
        {
            string place = $"{at}/{entry.Key}";
            switch (word == "properties" ? properties[entry.Key] : schema[word])
            {
                case JsonObject inner:
                    Check(entry.Value, inner, place, faults);
                    break;
                case JsonValue closed when !closed.GetValue<bool>():
                    faults.Add(place);
                    break;
            }
        }
    }

    private static bool Holds(RecipeNode node, JsonObject schema)
    {
        List<string> faults = [];
        Check(node, schema, "", faults);
        return faults.Count == 0;
    }

    private static bool IsA(RecipeNode node, string type) => type switch
    {
        "object" => node is MapNode,
        "array" => node is ListNode,
        "string" => node is ScalarNode { IsNull: false },
        "null" => node is ScalarNode { IsNull: true },
        "boolean" => node is ScalarNode { Text: "true" or "false" },
        "integer" => Number(node) is double number && number == Math.Truncate(number),
        "number" => Number(node) is not null,
        _ => throw new InvalidOperationException(type),
    };

    private static double? Number(RecipeNode node)
        => node is ScalarNode { Quoted: false } scalar && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
}
