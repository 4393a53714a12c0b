using System.Collections;
using System.Reflection;
using Athanor.Core.Artifacts;
using Athanor.Core.Stages;

namespace Athanor.Core.Recipes;

/// <summary>A setting that names something: an artifact or a path.</summary>
/// <param name="Key">The key, with dots where records are nested.</param>
/// <param name="Value">The name.</param>
/// <param name="Kind">For an artifact the kind it must have.</param>
internal sealed record NamedSetting(string Key, string Value, ArtifactKind Kind)
{
    /// <summary>The artifacts that settings name, also in nested records and lists, in declared order.</summary>
    public static IEnumerable<NamedSetting> Inputs(object settings)
        => Find(settings, "", property => property.GetCustomAttribute<InputAttribute>() is InputAttribute input ? input.Kind : null);

    /// <summary>The files and folders from outside that settings name.</summary>
    public static IEnumerable<NamedSetting> Sources(object settings)
        => Find(settings, "", property => property.IsDefined(typeof(SourcePathAttribute)) ? ArtifactKind.Corpus : null);

    private static IEnumerable<NamedSetting> Find(object record, string prefix, Func<PropertyInfo, ArtifactKind?> select)
    {
        foreach (SettingsKey key in SettingsShape.Of(record.GetType()).Keys)
        {
            object? value = key.Property.GetValue(record);
            string path = prefix + key.Name;
            if (select(key.Property) is ArtifactKind kind)
            {
                foreach (string name in Names(value))
                {
                    yield return new NamedSetting(path, name, kind);
                }
            }
            else
            {
                IEnumerable<object> parts = value switch
                {
                    null or string => [],
                    IDictionary map => map.Values.Cast<object>(),
                    IEnumerable items => items.Cast<object>(),
                    _ => [value],
                };
                foreach (object part in parts.Where(part => part is not null && IsRecord(part.GetType())))
                {
                    foreach (NamedSetting inner in Find(part, path + ".", select))
                    {
                        yield return inner;
                    }
                }
            }
        }
    }

    private static IEnumerable<string> Names(object? value) => value switch
    {
        null or "" => [],
        string name => [name],
        IDictionary map => map.Values.Cast<string>(),
        IEnumerable names => names.Cast<string>(),
        _ => throw new InvalidOperationException($"a setting that names an input or path is a string or a list or map of strings, not {value.GetType()}"),
    };

    private static bool IsRecord(Type type) => !type.IsPrimitive && !type.IsEnum && type != typeof(string) && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true;
}
