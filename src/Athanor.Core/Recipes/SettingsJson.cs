using System.Collections;
using System.Text.Json.Nodes;
using Athanor.Core.Stages;

namespace Athanor.Core.Recipes;

/// <summary>
/// Settings as JSON: every key with its value, defaults included, keys in alphabetical order. Equal settings give equal bytes, so this is what keys are
/// made of and what manifests hold.
/// </summary>
public static class SettingsJson
{
    /// <summary>The settings of a record.</summary>
    public static JsonObject Of(object settings) => Of(settings, path => path);

    /// <summary>The settings of a record, with what stands for the paths in it.</summary>
    internal static JsonObject Of(object settings, Func<string, string> source)
    {
        ArgumentNullException.ThrowIfNull(settings);
        JsonObject json = [];
        foreach (SettingsKey key in SettingsShape.Of(settings.GetType()).Keys.OrderBy(key => key.Name, StringComparer.Ordinal))
        {
            json[key.Name] = Value(key.Property.GetValue(settings), source, key.Property.IsDefined(typeof(SourcePathAttribute), inherit: false));
        }

        return json;
    }

    /// <summary>The settings that differ from the record's defaults, in declared order.</summary>
    public static JsonObject ChangedOf(object settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        SettingsShape shape = SettingsShape.Of(settings.GetType());
        JsonObject defaults = Of(shape.CreateDefault());
        JsonObject json = [];
        foreach (SettingsKey key in shape.Keys)
        {
            JsonNode? value = Value(key.Property.GetValue(settings), path => path, isSource: false);
            if (!JsonNode.DeepEquals(value, defaults[key.Name]))
            {
                json[key.Name] = value;
            }
        }

        return json;
    }

    private static JsonNode? Value(object? value, Func<string, string> source, bool isSource) => value switch
    {
        null => null,
        string text => JsonValue.Create(isSource && text.Length > 0 ? source(text) : text),
        bool truth => JsonValue.Create(truth),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        uint number => JsonValue.Create(number),
        ulong number => JsonValue.Create(number),
        float number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        Enum choice => JsonValue.Create(SettingsShape.NameOf(choice)),
        IDictionary map => Map(map, source, isSource),
        IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(item => Value(item, source, isSource))]),
        _ => Of(value, source),
    };

    private static JsonObject Map(IDictionary map, Func<string, string> source, bool isSource)
    {
        JsonObject json = [];
        foreach (string key in map.Keys.Cast<string>().Order(StringComparer.Ordinal))
        {
            json[key] = Value(map[key], source, isSource);
        }

        return json;
    }
}
