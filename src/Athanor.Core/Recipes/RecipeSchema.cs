using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Athanor.Core.Stages;

namespace Athanor.Core.Recipes;

/// <summary>The JSON schema (draft 2020-12) of recipes, made from the settings records, so that editors complete, explain and check what one writes.</summary>
public static class RecipeSchema
{
    private const string StagePattern = "^[a-z][a-z0-9_-]{0,39}$";
    private const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

    /// <summary>The schema of recipes that use these stages.</summary>
    public static JsonObject Of(IReadOnlyList<IStage> catalog)
    {
        JsonObject definitions = new() { ["stage"] = AnyStage(catalog) };
        foreach (IStage stage in catalog)
        {
            definitions[stage.Name] = StageOf(stage);
        }

        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Athanor recipe",
            ["description"] = "A run from raw text to an evaluated model: athanor run RECIPE.",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["name"] = new JsonObject { ["description"] = "The run's name and that of its folder under runs/; left out, the file's.", ["type"] = "string", ["pattern"] = NamePattern },
                ["description"] = new JsonObject { ["description"] = "What the run is for, in a sentence.", ["type"] = "string" },
                ["seed"] = new JsonObject { ["description"] = "The seed of all random numbers: the same seed gives the same run.", ["type"] = "integer", ["default"] = 1 },
                ["stages"] = new JsonObject
                {
                    ["description"] = "The stages by their names in this run; each runs after those it reads.",
                    ["type"] = "object",
                    ["minProperties"] = 1,
                    ["propertyNames"] = new JsonObject { ["pattern"] = StagePattern },
                    ["additionalProperties"] = Reference("stage"),
                },
                ["profiles"] = new JsonObject
                {
                    ["description"] = "Sets of settings by name, laid over the stages with --profile NAME.",
                    ["type"] = "object",
                    ["additionalProperties"] = new JsonObject
                    {
                        ["description"] = $"Settings by stage; '{RecipeReader.Omit}' leaves a stage out.",
                        ["type"] = "object",
                        ["properties"] = new JsonObject
                        {
                            [RecipeReader.When] = new JsonObject { ["description"] = "A setting, such as corpus.path: where --set gives it, the profile is laid over by itself.", ["type"] = "string" },
                        },
                        ["additionalProperties"] = Overlay(catalog),
                    },
                },
            },
            ["required"] = new JsonArray("stages"),
            ["additionalProperties"] = false,
            ["$defs"] = definitions,
        };
    }

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    // what a stage's settings are depends on what it uses
    private static JsonObject AnyStage(IReadOnlyList<IStage> catalog) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            [RecipeReader.Use] = new JsonObject
            {
                ["description"] = string.Join('\n', ["What the stage does.", .. catalog.Select(stage => $"{stage.Name}: {stage.Purpose}")]),
                ["enum"] = new JsonArray([.. catalog.Select(stage => JsonValue.Create(stage.Name))]),
            },
        },
        ["required"] = new JsonArray(RecipeReader.Use),
        ["allOf"] = new JsonArray([.. catalog.Select(stage => new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { [RecipeReader.Use] = new JsonObject { ["const"] = stage.Name } },
                ["required"] = new JsonArray(RecipeReader.Use),
            },
            ["then"] = Reference(stage.Name),
        })]),
    };

    private static JsonObject StageOf(IStage stage)
    {
        JsonObject schema = Record(stage.SettingsType);
        schema["description"] = stage.Purpose;
        ((JsonObject)schema["properties"]!).Insert(0, RecipeReader.Use, new JsonObject { ["const"] = stage.Name });
        return schema;
    }

    // a profile's settings stand without 'use': keys of any stage are known there, and the run checks them against theirs
    private static JsonObject Overlay(IReadOnlyList<IStage> catalog) => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["const"] = RecipeReader.Omit },
            new JsonObject
            {
                ["type"] = "object",
                ["propertyNames"] = new JsonObject
                {
                    ["enum"] = new JsonArray([.. catalog.SelectMany(stage => SettingsShape.Of(stage.SettingsType).Keys).Select(key => key.Name).Append(RecipeReader.Use).Distinct().Select(name => JsonValue.Create(name))]),
                },
            }),
    };

    private static JsonObject Record(Type type)
    {
        SettingsShape shape = SettingsShape.Of(type);
        JsonObject defaults = SettingsJson.Of(shape.CreateDefault());
        JsonObject properties = [];
        foreach (SettingsKey key in shape.Keys)
        {
            JsonObject schema = new() { ["description"] = Meaning(key) };
            foreach ((string name, JsonNode? value) in Value(key.Type, key.Nullable, key.Property))
            {
                schema[name] = value?.DeepClone();
            }

            if (!shape.Requires(key) && (key.Nullable || defaults[key.Name] is not null))
            {
                schema["default"] = defaults[key.Name]?.DeepClone();
            }

            properties[key.Name] = schema;
        }

        JsonObject record = new() { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        string[] required = [.. shape.Keys.Where(shape.Requires).Select(key => key.Name)];
        if (required.Length > 0)
        {
            record["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }

        return record;
    }

    private static string Meaning(SettingsKey key)
    {
        List<string> lines = [DocComments.Of(key.Property) ?? key.Name];
        if (key.Property.GetCustomAttribute<InputAttribute>() is InputAttribute input)
        {
            lines.Add($"Names a stage of this recipe that makes {RecipeReader.Word(input.Kind)}, or such a stage's folder.");
        }

        if (key.Type.IsEnum)
        {
            lines.AddRange(Enum.GetValues(key.Type).Cast<Enum>().Where(value => DocComments.Of(value) is not null).Select(value => $"{SettingsShape.NameOf(value)}: {DocComments.Of(value)}"));
        }

        return string.Join('\n', lines);
    }

    private static JsonObject Value(Type type, bool nullable, PropertyInfo property)
    {
        if (SettingsShape.ItemOf(type) is Type item)
        {
            JsonObject list = new() { ["type"] = Named("array", nullable), ["items"] = Inner(item, property) };
            if (property.GetCustomAttribute<MinLengthAttribute>() is MinLengthAttribute least)
            {
                list["minItems"] = least.Length;
            }

            return list;
        }

        if (SettingsShape.ValueOf(type) is Type value)
        {
            return new JsonObject { ["type"] = Named("object", nullable), ["additionalProperties"] = Inner(value, property) };
        }

        if (type.IsEnum)
        {
            JsonArray names = [.. Enum.GetValues(type).Cast<object>().Select(choice => JsonValue.Create(SettingsShape.NameOf(choice)))];
            if (nullable)
            {
                names.Add(null);
            }

            return new JsonObject { ["enum"] = names };
        }

        if (SettingsShape.IsNumber(type))
        {
            JsonObject number = new() { ["type"] = Named(SettingsShape.IsWholeNumber(type) ? "integer" : "number", nullable) };
            if (property.GetCustomAttribute<RangeAttribute>() is RangeAttribute range)
            {
                number[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = Limit(range.Minimum);
                if (range.Maximum is not int.MaxValue && Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) < long.MaxValue)
                {
                    number[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = Limit(range.Maximum);
                }
            }

            return number;
        }

        if (type == typeof(bool))
        {
            return new JsonObject { ["type"] = Named("boolean", nullable) };
        }

        return type == typeof(string) ? TextOf(nullable, property) : Record(type);
    }

    private static JsonObject Inner(Type type, PropertyInfo property)
        => Value(Nullable.GetUnderlyingType(type) ?? type, Nullable.GetUnderlyingType(type) is not null, property);

    private static JsonObject TextOf(bool nullable, PropertyInfo property)
    {
        JsonObject text = new() { ["type"] = Named("string", nullable) };
        if (property.IsDefined(typeof(RequiredAttribute)))
        {
            text["minLength"] = 1;
        }

        if (property.GetCustomAttribute<RegularExpressionAttribute>() is RegularExpressionAttribute expression)
        {
            text["pattern"] = $"^(?:{expression.Pattern})$";
        }

        return text;
    }

    private static JsonNode Named(string type, bool nullable) => nullable ? new JsonArray(type, "null") : JsonValue.Create(type);

    private static JsonValue Limit(object limit) => limit switch
    {
        int whole => JsonValue.Create(whole),
        long whole => JsonValue.Create(whole),
        _ => JsonValue.Create(Convert.ToDouble(limit, CultureInfo.InvariantCulture)),
    };
}
