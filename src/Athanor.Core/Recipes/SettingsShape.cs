using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Athanor.Core.Recipes;

/// <summary>What a settings record looks like from a recipe: its keys with their types. The binder, the canonical form and the schema all read this.</summary>
internal sealed class SettingsShape
{
    private static readonly ConcurrentDictionary<Type, SettingsShape> Known = new();
    private static readonly NullabilityInfoContext Nullability = new();

    private SettingsShape(Type type)
    {
        Type = type;
        PropertyInfo[] properties = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)];
        lock (Nullability)
        {
            Keys = [.. properties.Select(property => new SettingsKey(property, Nullability.Create(property).ReadState == NullabilityState.Nullable))];
        }
    }

    public Type Type { get; }

    /// <summary>The keys, in the order they were declared.</summary>
    public IReadOnlyList<SettingsKey> Keys { get; }

    public static SettingsShape Of(Type type) => Known.GetOrAdd(type, static key => new SettingsShape(key));

    public SettingsKey? Find(string name) => Keys.FirstOrDefault(key => key.Name == name);

    /// <summary>A record with its defaults; what has none (a positional record's values) is zero, null or empty until it is set.</summary>
    public object CreateDefault()
    {
        if (Type.GetConstructor(Type.EmptyTypes) is not null || Type.IsValueType)
        {
            return Activator.CreateInstance(Type)!;
        }

        ParameterInfo[] parameters = Constructor!.GetParameters();
        return Constructor.Invoke([.. parameters.Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue
            : parameter.ParameterType.IsValueType ? RuntimeHelpers.GetUninitializedObject(parameter.ParameterType) : null)]);
    }

    /// <summary>Whether a recipe must give a key: it is <c>required</c>, or a positional value without a default.</summary>
    public bool Requires(SettingsKey key) => key.Property.IsDefined(typeof(RequiredMemberAttribute))
        || (Type.GetConstructor(Type.EmptyTypes) is null && Constructor?.GetParameters().FirstOrDefault(parameter => parameter.Name == key.Property.Name) is { HasDefaultValue: false });

    /// <summary>The positional record's constructor.</summary>
    private ConstructorInfo? Constructor => Type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length);

    /// <summary>The item type of a list, or null.</summary>
    public static Type? ItemOf(Type type)
        => type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() is Type definition
                && (definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlyCollection<>) || definition == typeof(IEnumerable<>) || definition == typeof(IList<>) || definition == typeof(List<>))
                ? type.GetGenericArguments()[0] : null;

    /// <summary>The value type of a map from texts, or null.</summary>
    public static Type? ValueOf(Type type)
        => type.IsGenericType && type.GetGenericTypeDefinition() is Type definition
            && (definition == typeof(IReadOnlyDictionary<,>) || definition == typeof(IDictionary<,>) || definition == typeof(Dictionary<,>)) && type.GetGenericArguments()[0] == typeof(string)
            ? type.GetGenericArguments()[1] : null;

    public static bool IsNumber(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(float) || type == typeof(uint) || type == typeof(ulong);

    public static bool IsWholeNumber(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(uint) || type == typeof(ulong);

    /// <summary>The name an enumeration's value has in a recipe.</summary>
    public static string NameOf(object value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()!);
}

/// <summary>One key of a settings record.</summary>
/// <param name="Property">The property behind it.</param>
/// <param name="Nullable">Whether it may be nothing.</param>
internal sealed record SettingsKey(PropertyInfo Property, bool Nullable)
{
    /// <summary>The key in a recipe.</summary>
    public string Name { get; } = JsonNamingPolicy.SnakeCaseLower.ConvertName(Property.Name);

    /// <summary>The value's type, without the question mark.</summary>
    public Type Type { get; } = System.Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;
}
