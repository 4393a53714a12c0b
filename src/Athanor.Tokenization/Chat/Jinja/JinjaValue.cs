using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>A map in the order of its keys' coming, as Python's.</summary>
internal sealed class JinjaMap : OrderedDictionary<object, object?>;

/// <summary>What <c>namespace()</c> makes: attributes that a template may set inside loops.</summary>
internal sealed class JinjaNamespace
{
    public Dictionary<string, object?> Attributes { get; } = [];
}

/// <summary>What a name stands for that nobody gave a value.</summary>
/// <param name="Name">What was asked for, for messages.</param>
internal sealed record JinjaUndefined(string Name);

/// <summary>What can be called.</summary>
internal delegate object? JinjaFunction(JinjaCall call);

/// <summary>
/// What values mean, as Python has it: <c>null</c> (None), bool, long, double, string (of code points), <see cref="List{T}"/>, object[] (tuple), <see cref="JinjaMap"/>,
/// <see cref="JinjaNamespace"/>, <see cref="JinjaUndefined"/>, <see cref="JinjaFunction"/>.
/// </summary>
internal static class JinjaValue
{
    private const int MaximumNesting = 64;

    /// <summary>JSON as a template sees it.</summary>
    public static object? From(JsonNode? node) => node switch
    {
        null => null,
        JsonArray array => array.Select(From).ToList(),
        JsonObject map => Map(map.Select(pair => ((object)pair.Key, From(pair.Value)))),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetValue<string>(),
            _ => long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? (object)whole : double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
        },
        _ => throw JinjaFault.Of($"a value of the kind {node.GetValueKind()} is not known"),
    };

    public static JinjaMap Map(IEnumerable<(object Key, object? Value)> entries)
    {
        JinjaMap map = [];
        foreach ((object key, object? value) in entries)
        {
            map[key] = value;
        }

        return map;
    }

    public static bool IsTrue(object? value) => value switch
    {
        null or JinjaUndefined => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        object?[] tuple => tuple.Length > 0,
        JinjaMap map => map.Count > 0,
        _ => true,
    };

    public static string TypeOf(object? value) => value switch
    {
        null => "none",
        bool => "a truth value",
        long or double => "a number",
        string => "a string",
        List<object?> => "a list",
        object?[] => "a tuple",
        JinjaMap => "a map",
        JinjaUndefined undefined => $"{undefined.Name}, which is not defined",
        JinjaNamespace => "a namespace",
        _ => "a function",
    };

    /// <summary>How many items, letters or entries; −1 for what has none.</summary>
    public static long Length(object? value) => value switch
    {
        string text => CodePoints(text),
        List<object?> list => list.Count,
        object?[] tuple => tuple.Length,
        JinjaMap map => map.Count,
        JinjaUndefined => 0,
        _ => -1,
    };

    public static int CodePoints(string text)
    {
        int count = text.Length;
        for (int at = 1; at < text.Length; at++)
        {
            count -= char.IsSurrogatePair(text[at - 1], text[at]) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The items of a value in order: letters of a string, keys of a map.</summary>
    public static IReadOnlyList<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        object?[] tuple => tuple,
        string text => [.. Letters(text)],
        JinjaMap map => [.. map.Keys],
        JinjaUndefined => [],
        _ => throw JinjaFault.Of($"{TypeOf(value)} has no items to go through"),
    };

    public static IEnumerable<string> Letters(string text)
    {
        for (int at = 0; at < text.Length; at++)
        {
            bool pair = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);
            yield return pair ? text.Substring(at++, 2) : text[at].ToString();
        }
    }

    public static double? Number(object? value) => value switch
    {
        bool truth => truth ? 1 : 0,
        long whole => whole,
        double number => number,
        _ => null,
    };

    public static long? Whole(object? value) => value switch
    {
        bool truth => truth ? 1 : 0,
        long whole => whole,
        _ => null,
    };

    public static bool AreEqual(object? left, object? right, JinjaWork work) => Equals(left, right, 0, work);

    /// <summary>Python's order; throws for what has none.</summary>
    public static int Compare(object? left, object? right, JinjaWork work)
    {
        work.Step();
        if (Whole(left) is { } first && Whole(right) is { } second)
        {
            return first.CompareTo(second);
        }

        if (Number(left) is { } one && Number(right) is { } other)
        {
            return one < other ? -1 : one > other ? 1 : 0;
        }

        return (left, right) switch
        {
            (string a, string b) => CompareText(a, b),
            (List<object?> a, List<object?> b) => CompareItems(a, b, work),
            (object?[] a, object?[] b) => CompareItems(a, b, work),
            _ => throw JinjaFault.Of($"{TypeOf(left)} and {TypeOf(right)} have no order"),
        };
    }

    /// <summary>What <c>{{ value }}</c> prints: Python's <c>str</c>.</summary>
    public static string Text(object? value)
    {
        if (value is string text)
        {
            return text;
        }

        if (value is JinjaUndefined)
        {
            return "";
        }

        StringBuilder builder = new();
        Represent(value, builder, 0);
        return builder.ToString();
    }

    /// <summary>Python's <c>repr</c>.</summary>
    public static void Represent(object? value, StringBuilder text, int depth)
    {
        if (depth > MaximumNesting || text.Length > JinjaWork.MaximumLength)
        {
            throw JinjaFault.Of("a value is too large or nested too deep to be printed");
        }

        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool truth:
                text.Append(truth ? "True" : "False");
                break;
            case long whole:
                text.Append(whole);
                break;
            case double number:
                text.Append(FloatText(number));
                break;
            case string letters:
                Quote(letters, text);
                break;
            case JinjaUndefined:
                text.Append("Undefined");
                break;
            case List<object?> list:
                Join(list, '[', ']', text, depth);
                break;
            case object?[] { Length: 1 } tuple:
                text.Append('(');
                Represent(tuple[0], text, depth + 1);
                text.Append(",)");
                break;
            case object?[] tuple:
                Join(tuple, '(', ')', text, depth);
                break;
            case JinjaMap map:
                text.Append('{');
                foreach ((object key, object? item) in map)
                {
                    text.Append(text[^1] == '{' && ReferenceEquals(key, map.GetAt(0).Key) ? "" : ", ");
                    Represent(key, text, depth + 1);
                    text.Append(": ");
                    Represent(item, text, depth + 1);
                }

                text.Append('}');
                break;
            case JinjaNamespace space:
                text.Append("<Namespace ");
                Represent(Map(space.Attributes.Select(pair => ((object)pair.Key, pair.Value))), text, depth + 1);
                text.Append('>');
                break;
            default:
                throw JinjaFault.Of("a function cannot be printed");
        }
    }

    /// <summary>Python's <c>repr</c> of a float: the shortest digits that give it back.</summary>
    public static string FloatText(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        string digits = number.ToString("R", CultureInfo.InvariantCulture);
        double size = Math.Abs(number);
        if (size != 0 && size is < 1e-4 or >= 1e16)
        {
            string scientific = digits.Contains('E', StringComparison.Ordinal) ? digits : number.ToString("E16", CultureInfo.InvariantCulture);
            int mark = scientific.IndexOf('E', StringComparison.Ordinal);
            string mantissa = scientific[..mark];
            mantissa = mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa;
            int exponent = int.Parse(scientific[(mark + 1)..], CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):D2}");
        }

        string plain = digits.Contains('E', StringComparison.Ordinal) ? number.ToString("F0", CultureInfo.InvariantCulture) : digits;
        return plain.Contains('.', StringComparison.Ordinal) ? plain : $"{plain}.0";
    }

    private static bool Equals(object? left, object? right, int depth, JinjaWork work)
    {
        work.Step();
        if (depth > MaximumNesting)
        {
            throw JinjaFault.Of("values are nested too deep to be compared");
        }

        if (Whole(left) is { } first && Whole(right) is { } second)
        {
            return first == second;
        }

        if (Number(left) is { } one && Number(right) is { } other)
        {
            return one == other;
        }

        return (left, right) switch
        {
            (null, null) => true,
            (JinjaUndefined, JinjaUndefined) => true,
            (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
            (List<object?> a, List<object?> b) => EqualItems(a, b, depth, work),
            (object?[] a, object?[] b) => EqualItems(a, b, depth, work),
            (JinjaMap a, JinjaMap b) => a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out object? value) && Equals(pair.Value, value, depth + 1, work)),
            _ => ReferenceEquals(left, right) && left is not null,
        };
    }

    private static bool EqualItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right, int depth, JinjaWork work)
    {
        bool equal = left.Count == right.Count;
        for (int at = 0; equal && at < left.Count; at++)
        {
            equal = Equals(left[at], right[at], depth + 1, work);
        }

        return equal;
    }

    private static int CompareItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right, JinjaWork work)
    {
        for (int at = 0; at < Math.Min(left.Count, right.Count); at++)
        {
            if (!AreEqual(left[at], right[at], work))
            {
                System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
                return Compare(left[at], right[at], work);
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    // by code points, where UTF-16 puts surrogates before the letters U+E000 to U+FFFF
    private static int CompareText(string left, string right)
    {
        for (int at = 0; at < Math.Min(left.Length, right.Length); at++)
        {
            if (left[at] != right[at])
            {
                bool first = char.IsSurrogate(left[at]);
                return first == char.IsSurrogate(right[at]) ? left[at].CompareTo(right[at]) : first ? 1 : -1;
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    private static void Join(IReadOnlyList<object?> items, char open, char close, StringBuilder text, int depth)
    {
        text.Append(open);
        for (int at = 0; at < items.Count; at++)
        {
            text.Append(at == 0 ? "" : ", ");
            Represent(items[at], text, depth + 1);
        }

        text.Append(close);
    }

    private static void Quote(string letters, StringBuilder text)
    {
        char quote = letters.Contains('\'', StringComparison.Ordinal) && !letters.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (Rune rune in letters.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case int code when code == quote:
                    text.Append('\\').Append(quote);
                    break;
                case int code when IsPrintable(rune):
                    text.Append(rune.ToString());
                    break;
                case < 0x100:
                    text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                    break;
                case < 0x10000:
                    text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                    break;
                default:
                    text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                    break;
            }
        }

        text.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
