using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Athanor.Core.Recipes;

/// <summary>Makes settings records from what a recipe says; collects every fault instead of stopping at the first.</summary>
/// <param name="faults">Where faults are told, each a line that begins with its place.</param>
internal sealed class SettingsBinder(List<string> faults)
{
    /// <summary>Binds a map to a record. Where something was wrong the record has its default there, and a fault was told.</summary>
    /// <param name="map">The map; <paramref name="reserved"/> keys in it belong to someone else.</param>
    /// <param name="type">The record's type.</param>
    /// <param name="path">What people call it, such as <c>pretrain</c>.</param>
    /// <param name="reserved">Keys to pass over.</param>
    public object BindRecord(MapNode map, Type type, string path, params IReadOnlyCollection<string> reserved)
    {
        SettingsShape shape = SettingsShape.Of(type);
        object record = shape.CreateDefault();
        int before = faults.Count;
        foreach (MapEntry entry in map.Entries.Where(entry => !reserved.Contains(entry.Key)))
        {
            if (shape.Find(entry.Key) is not SettingsKey key)
            {
                faults.Add($"{entry.Mark}: {path} has no setting '{entry.Key}': {Spelling.Hint(entry.Key, [.. shape.Keys.Select(known => known.Name)])}");
                continue;
            }

            int known = faults.Count;
            object? value = Bind(entry.Value, key.Type, key.Nullable, $"{path}.{key.Name}");
            if (faults.Count == known)
            {
                Validate(key.Property, value, $"{entry.Value.Mark}: {path}.{key.Name}");
                key.Property.SetValue(record, value);
            }
        }

        foreach (SettingsKey key in shape.Keys.Where(shape.Requires).Where(key => map[key.Name] is null))
        {
            faults.Add($"{map.Mark}: {path} needs the setting '{key.Name}'");
        }

        if (faults.Count == before && record is IValidatableObject validatable)
        {
            faults.AddRange(validatable.Validate(new ValidationContext(record)).Select(result => $"{map.Mark}: {path}: {result.ErrorMessage}"));
        }

        return record;
    }

    private object? Bind(RecipeNode node, Type type, bool nullable, string path)
    {
        if (node is ScalarNode { IsNull: true } && (nullable || type != typeof(string)))
        {
            return nullable ? null : Refuse(node, path, Expected(type));
        }

        if (SettingsShape.ItemOf(type) is Type item)
        {
            return node is ListNode list ? BindList(list, type, item, path) : Refuse(node, path, $"a list, such as [{Example(item)}]");
        }

        if (SettingsShape.ValueOf(type) is Type valueType)
        {
            return node is MapNode map ? BindMap(map, valueType, path) : Refuse(node, path, "a map of keys and values");
        }

        if (type == typeof(string) || type == typeof(bool) || type.IsEnum || SettingsShape.IsNumber(type))
        {
            return node is ScalarNode scalar ? BindScalar(scalar, type, path) : Refuse(node, path, Expected(type));
        }

        return node is MapNode record ? BindRecord(record, type, path) : Refuse(node, path, "a map of settings");
    }

    private object? BindScalar(ScalarNode node, Type type, string path)
    {
        if (type == typeof(string))
        {
            return node.Text;
        }

        if (type == typeof(bool))
        {
            return !node.Quoted && bool.TryParse(node.Text, out bool truth) ? truth : Refuse(node, path, Expected(type));
        }

        if (type.IsEnum)
        {
            string[] names = [.. Enum.GetValues(type).Cast<object>().Select(SettingsShape.NameOf)];
            int at = Array.IndexOf(names, node.Text);
            if (at < 0)
            {
                faults.Add($"{node.Mark}: {path} cannot be '{node.Text}': {Spelling.Hint(node.Text, names)}");
                return null;
            }

            return Enum.GetValues(type).GetValue(at);
        }

        return node.Quoted ? Refuse(node, path, Expected(type)) : Number(node.Text.Replace("_", "", StringComparison.Ordinal), type) ?? Refuse(node, path, Expected(type));
    }

    // 2_000_000 and 2e6 are whole numbers too
    private static object? Number(string text, Type type)
    {
        if (SettingsShape.IsWholeNumber(type) && decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal exact))
        {
            return Whole(exact, type);
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
        {
            return null;
        }

        // each branch is an object of its own: left to itself the conditional would widen them all to one type
        return type == typeof(double) ? (object)value
            : type == typeof(float) ? float.IsFinite((float)value) ? (object)(float)value : null
            : Math.Abs(value) < 1e15 && Math.Truncate(value) == value ? Whole((decimal)value, type)
            : null;
    }

    private static object? Whole(decimal value, Type type)
    {
        try
        {
            return Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private object BindList(ListNode node, Type type, Type item, string path)
    {
        bool nullable = Nullable.GetUnderlyingType(item) is not null;
        Type plain = Nullable.GetUnderlyingType(item) ?? item;
        Array items = Array.CreateInstance(item, node.Items.Count);
        for (int i = 0; i < items.Length; i++)
        {
            int before = faults.Count;
            object? value = Bind(node.Items[i], plain, nullable, $"{path}[{i}]");
            if (faults.Count == before)
            {
                items.SetValue(value, i);
            }
        }

        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? Activator.CreateInstance(type, items)! : items;
    }

    private IDictionary BindMap(MapNode node, Type valueType, string path)
    {
        bool nullable = Nullable.GetUnderlyingType(valueType) is not null;
        Type plain = Nullable.GetUnderlyingType(valueType) ?? valueType;
        IDictionary map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        foreach (MapEntry entry in node.Entries)
        {
            int before = faults.Count;
            object? value = Bind(entry.Value, plain, nullable, $"{path}.{entry.Key}");
            if (faults.Count == before)
            {
                map[entry.Key] = value;
            }
        }

        return map;
    }

    private void Validate(PropertyInfo property, object? value, string place)
    {
        foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (rule is RangeAttribute range)
            {
                // a range on a list or map holds for each of its numbers
                foreach (object each in value is IDictionary map ? map.Values.Cast<object>() : value is IEnumerable items and not string ? items.Cast<object>() : value is null ? [] : [value])
                {
                    if (!Holds(range, each))
                    {
                        faults.Add($"{place} is {string.Create(CultureInfo.InvariantCulture, $"{each}")}, it must be {RangeText(range)}");
                    }
                }
            }
            else if (!rule.IsValid(value))
            {
                faults.Add($"{place}: {rule.FormatErrorMessage("this")}");
            }
        }
    }

    // the attribute's own check overflows where a long meets a range of ints
    private static bool Holds(RangeAttribute range, object value)
    {
        double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        double low = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        double high = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        return (range.MinimumIsExclusive ? number > low : number >= low) && (range.MaximumIsExclusive ? number < high : number <= high);
    }

    internal static string RangeText(RangeAttribute range)
    {
        string low = string.Create(CultureInfo.InvariantCulture, $"{range.Minimum}");
        string high = string.Create(CultureInfo.InvariantCulture, $"{range.Maximum}");
        string from = range.MinimumIsExclusive ? $"above {low}" : $"at least {low}";
        string to = range.MaximumIsExclusive ? $"below {high}" : $"at most {high}";
        bool open = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) >= int.MaxValue;
        return open ? from : $"{from} and {to}";
    }

    private object? Refuse(RecipeNode node, string path, string expected)
    {
        faults.Add($"{node.Mark}: {path} must be {expected}, not {node.Kind}");
        return null;
    }

    private static string Expected(Type type)
        => type == typeof(bool) ? "true or false"
            : type == typeof(string) ? "a text"
            : SettingsShape.IsWholeNumber(type) ? "a whole number"
            : SettingsShape.IsNumber(type) ? "a number"
            : type.IsEnum ? $"one of {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(SettingsShape.NameOf))}"
            : "a value";

    private static string Example(Type item) => SettingsShape.IsNumber(item) ? "1, 2" : "a, b";
}
