namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Computes expressions.</summary>
internal sealed class JinjaEvaluator(JinjaWork work, TimeProvider clock)
{
    public JinjaWork Work { get; } = work;

    public object? Evaluate(JinjaExpression expression, JinjaScope scope)
    {
        Work.Step();
        Work.Enter();
        try
        {
            return Paid(expression, expression switch
            {
                ConstantExpression constant => constant.Value,
                NameExpression name => scope.Find(name.Name, out object? value) ? value : JinjaGlobals.Find(name.Name, clock) is { } global ? global : new JinjaUndefined(name.Name),
                AttributeExpression attribute => Attribute(Evaluate(attribute.Of, scope), attribute.Name, methodFirst: true),
                ItemExpression item => Item(Evaluate(item.Of, scope), Evaluate(item.Index, scope)),
                SliceExpression slice => Slice(slice, scope),
                CallExpression call => Call(call, scope),
                FilterExpression filter => Filter(filter, Evaluate(filter.Of!, scope), scope),
                TestExpression test => JinjaTests.Test(test.Name, Evaluate(test.Of, scope), Arguments(test.Name, test.Arguments, scope)) != test.Negated,
                UnaryExpression unary => Unary(unary.Operator, Evaluate(unary.Operand, scope)),
                BinaryExpression { Operator: "and" } and => Evaluate(and.Left, scope) is var left && JinjaValue.IsTrue(left) ? Evaluate(and.Right, scope) : left,
                BinaryExpression { Operator: "or" } or => Evaluate(or.Left, scope) is var left && JinjaValue.IsTrue(left) ? left : Evaluate(or.Right, scope),
                BinaryExpression binary => JinjaArithmetic.Binary(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope), Work),
                CompareExpression compare => Compare(compare, scope),
                ConditionalExpression conditional => JinjaValue.IsTrue(Evaluate(conditional.Condition, scope)) ? Evaluate(conditional.Then, scope)
                    : conditional.Else is { } otherwise ? Evaluate(otherwise, scope) : new JinjaUndefined("a condition without else"),
                ListExpression list => list.Items.Select(item => Evaluate(item, scope)).ToList(),
                TupleExpression tuple => tuple.Items.Select(item => Evaluate(item, scope)).ToArray(),
                MapExpression map => JinjaValue.Map(map.Entries.Select(entry => (Key(Evaluate(entry.Key, scope)), Evaluate(entry.Value, scope)))),
                _ => throw new InvalidOperationException($"no expression is a {expression.GetType().Name}"),
            });
        }
        catch (Core.Errors.AthanorException fault) when (fault.Message.StartsWith("chat template: ", StringComparison.Ordinal))
        {
            throw JinjaFault.At(expression.Line, fault.Message["chat template: ".Length..]);
        }
        finally
        {
            Work.Leave();
        }
    }

    // what was made new is paid for by its size
    private object? Paid(JinjaExpression expression, object? value)
    {
        if (expression is not (ConstantExpression or NameExpression or AttributeExpression))
        {
            Work.Letters(value is string text ? text.Length : 0);
            Work.Items(value is List<object?> list ? list.Count : 0);
        }

        return value;
    }

    /// <summary>Applies a filter.</summary>
    public object? Filter(FilterExpression filter, object? value, JinjaScope scope) => JinjaFilters.Apply(filter.Name, value, Arguments(filter.Name, filter.Arguments, scope));

    /// <summary>Evaluates a call's arguments.</summary>
    public JinjaCall Arguments(string name, JinjaArgumentList list, JinjaScope scope)
    {
        List<object?> positional = [.. list.Positional.Select(argument => Evaluate(argument, scope))];
        if (list.Rest is { } rest)
        {
            positional.AddRange(JinjaValue.Items(Evaluate(rest, scope)));
        }

        Dictionary<string, object?> named = [];
        foreach ((string key, JinjaExpression value) in list.Named)
        {
            named[key] = Evaluate(value, scope);
        }

        if (list.NamedRest is { } namedRest)
        {
            foreach ((object key, object? value) in Evaluate(namedRest, scope) as JinjaMap ?? throw JinjaFault.Of("** wants a map"))
            {
                named[JinjaValue.Text(key)] = value;
            }
        }

        return new JinjaCall(name, positional, named, Work);
    }

    /// <summary><c>value.name</c>: a method comes before an entry of that name, which the other spelling reverses.</summary>
    public static object? Attribute(object? value, string name, bool methodFirst)
    {
        if (value is JinjaUndefined undefined)
        {
            throw JinjaFault.Of($"{undefined.Name} is not defined, so it has no {name}");
        }

        if (value is JinjaNamespace space)
        {
            return space.Attributes.TryGetValue(name, out object? attribute) ? attribute : new JinjaUndefined(name);
        }

        if (value is JinjaLoop loop && loop.Attribute(name, out object? state))
        {
            return state;
        }

        if (value is JinjaMap map)
        {
            if (methodFirst && JinjaMethods.Find(value, name) is { } first)
            {
                return first;
            }

            if (map.TryGetValue(name, out object? entry))
            {
                return entry;
            }
        }

        return JinjaMethods.Find(value, name) is { } method ? method : new JinjaUndefined(name);
    }

    internal static object? Item(object? value, object? index)
    {
        switch (value)
        {
            case JinjaUndefined undefined:
                throw JinjaFault.Of($"{undefined.Name} is not defined, so it has no items");
            case JinjaMap map when index is not (null or JinjaUndefined) && map.TryGetValue(Key(index), out object? entry):
                return entry;
            case List<object?> or object?[] or string when JinjaValue.Whole(index) is { } place:
                IReadOnlyList<object?> items = JinjaValue.Items(value);
                place = place < 0 ? place + items.Count : place;
                return place >= 0 && place < items.Count ? items[(int)place] : new JinjaUndefined($"item {place}");
            case JinjaMap:
                return index is string key ? Attribute(value, key, methodFirst: false) : new JinjaUndefined(JinjaValue.Text(index));
            default:
                return index is string name ? Attribute(value, name, methodFirst: false) : new JinjaUndefined($"item {JinjaValue.Text(index)}");
        }
    }

    private object? Slice(SliceExpression slice, JinjaScope scope)
    {
        object? value = Evaluate(slice.Of, scope);
        long? Bound(JinjaExpression? bound) => bound is null || Evaluate(bound, scope) is not { } given ? null : JinjaValue.Whole(given) ?? throw JinjaFault.Of("a slice wants whole numbers");
        long? from = Bound(slice.From);
        long? to = Bound(slice.To);
        long step = Bound(slice.Step) ?? 1;
        if (value is not (string or List<object?> or object?[]))
        {
            throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} has no slices");
        }

        if (step == 0)
        {
            throw JinjaFault.Of("a slice's step is not zero");
        }

        IReadOnlyList<object?> items = JinjaValue.Items(value);
        Work.Items(items.Count);
        List<object?> taken = [];
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? items.Count : items.Count - 1;
        long Clamp(long? bound, long otherwise) => bound is { } at ? Math.Clamp(at < 0 ? at + items.Count : at, low, high) : otherwise;
        long begin = Clamp(from, step > 0 ? low : high);
        long end = Clamp(to, step > 0 ? high : low);
        for (Int128 at = begin; step > 0 ? at < end : at > end; at += step)
        {
            taken.Add(items[(int)at]);
        }

        return value is string ? string.Concat(taken) : value is List<object?> ? taken : taken.ToArray();
    }

    private object? Call(CallExpression call, JinjaScope scope)
    {
        object? function = Evaluate(call.Function, scope);
        string name = call.Function switch { NameExpression named => named.Name, AttributeExpression attribute => attribute.Name, _ => "it" };
        JinjaFunction found = function as JinjaFunction ?? (function as JinjaLoop)?.Again
            ?? throw JinjaFault.Of(function is JinjaUndefined ? $"{name} is not defined" : $"{JinjaValue.TypeOf(function)} cannot be called");
        return found(Arguments(name, call.Arguments, scope));
    }

    private bool Compare(CompareExpression compare, JinjaScope scope)
    {
        object? left = Evaluate(compare.First, scope);
        foreach ((string comparison, JinjaExpression operand) in compare.Others)
        {
            object? right = Evaluate(operand, scope);
            if (!JinjaArithmetic.Holds(comparison, left, right, Work))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private static object? Unary(string sign, object? value) => sign switch
    {
        "not" => !JinjaValue.IsTrue(value),
        "-" => JinjaValue.Whole(value) is { } whole and > long.MinValue ? (object)-whole : value is double number ? -number : throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} has no negative"),
        _ => JinjaValue.Whole(value) is { } whole ? (object)whole : value is double number ? number : throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} is no number"),
    };

    /// <summary>A value as a map's key: numbers that are equal are one key.</summary>
    internal static object Key(object? value) => value switch
    {
        string or bool or long => value,
        double number => number == Math.Floor(number) && Math.Abs(number) < 1e15 ? (long)number : number,
        object?[] tuple => JinjaValue.Text(tuple),
        _ => throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} cannot be a map's key"),
    };
}
