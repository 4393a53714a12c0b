namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Jinja's tests: <c>value is name(…)</c>.</summary>
internal static class JinjaTests
{
    public static bool Test(string name, object? value, JinjaCall call)
    {
        object? Other() => call.Positional.Count > 0 ? call.Positional[0] : throw JinjaFault.Of($"the test {name} wants something to compare with");
        return name switch
        {
            "defined" => value is not JinjaUndefined,
            "undefined" => value is JinjaUndefined,
            "none" => value is null,
            "boolean" => value is bool,
            "true" => value is true,
            "false" => value is false,
            "integer" => value is long,
            "float" => value is double,
            "number" => value is bool or long or double,
            "string" => value is string,
            "mapping" => value is JinjaMap,
            "sequence" or "iterable" => value is string or List<object?> or object?[] or JinjaMap || (name == "iterable" && value is JinjaUndefined),
            "callable" => value is JinjaFunction,
            "even" => Whole(name, value) % 2 == 0,
            "odd" => Whole(name, value) % 2 != 0,
            "divisibleby" => Whole(name, Other()) is var divisor and not 0 ? Whole(name, value) % divisor == 0 : throw JinjaFault.Of("a division by zero"),
            "lower" => JinjaValue.Text(value) is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
            "upper" => JinjaValue.Text(value) is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
            "sameas" => ReferenceEquals(value, Other()) || (value is null or bool or long or string && value?.GetType() == Other()?.GetType() && JinjaValue.AreEqual(value, Other(), call.Work)),
            "in" => JinjaArithmetic.Contains(Other(), value, call.Work),
            "eq" or "equalto" or "==" => JinjaArithmetic.Holds("==", value, Other(), call.Work),
            "ne" or "!=" => JinjaArithmetic.Holds("!=", value, Other(), call.Work),
            "lt" or "lessthan" or "<" => JinjaArithmetic.Holds("<", value, Other(), call.Work),
            "le" or "<=" => JinjaArithmetic.Holds("<=", value, Other(), call.Work),
            "gt" or "greaterthan" or ">" => JinjaArithmetic.Holds(">", value, Other(), call.Work),
            "ge" or ">=" => JinjaArithmetic.Holds(">=", value, Other(), call.Work),
            "filter" => JinjaFilters.IsKnown(JinjaValue.Text(value)),
            _ => throw JinjaFault.Of($"there is no test {name}"),
        };
    }

    private static long Whole(string name, object? value) => JinjaValue.Whole(value) ?? throw JinjaFault.Of($"the test {name} is for whole numbers, not {JinjaValue.TypeOf(value)}");
}
