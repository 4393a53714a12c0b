namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Filters that go through items.</summary>
internal static partial class JinjaFilters
{
    private static object? OfItems(string name, object? value, JinjaCall call)
    {
        if (!IsKnown(name))
        {
            throw JinjaFault.Of($"there is no filter {name}");
        }

        if (name is "items" or "dictsort")
        {
            return Entries(name, value, call);
        }

        IReadOnlyList<object?> items = JinjaValue.Items(value);
        call.Work.Items(items.Count);
        switch (name)
        {
            case "list":
                return items.ToList();
            case "first":
                return items.Count > 0 ? items[0] : new JinjaUndefined("the first of nothing");
            case "last":
                return items.Count > 0 ? items[^1] : new JinjaUndefined("the last of nothing");
            case "reverse":
                return value is string ? string.Concat(items.Reverse()) : items.Reverse().ToList();
            case "join":
                Func<object?, object?> part = Getter(call.Get(1, "attribute"));
                return JinjaMethods.Join(call.Text(0, "d", ""), [.. items.Select(part)], call.Work);
            case "sum":
                Func<object?, object?> added = Getter(call.Get(0, "attribute"));
                return items.Aggregate(call.Get(1, "start", 0L), (sum, item) => JinjaArithmetic.Binary("+", sum, added(item), call.Work));
            case "min" or "max":
                return Extreme(items, name == "max" ? 1 : -1, call);
            case "sort":
                Func<object?, object?> order = Caseless(call.Get(2, "attribute"), call.Flag(1, "case_sensitive", false));
                Comparer<object?> comparer = Comparer<object?>.Create((left, right) => JinjaValue.AreEqual(left, right, call.Work) ? 0 : JinjaValue.Compare(left, right, call.Work));
                return (call.Flag(0, "reverse", false) ? Stable(items.OrderByDescending(order, comparer)) : Stable(items.OrderBy(order, comparer))).ToList();
            case "unique":
                return Unique(items, Caseless(call.Get(1, "attribute"), call.Flag(0, "case_sensitive", false)), call.Work);
            case "groupby":
                return Groups(items, call);
            case "batch":
                return Batches(items, call);
            case "slice":
                return Slices(items, call);
            case "map":
                return Map(items, call);
            case "select" or "reject":
                return Chosen(items, item => item, 0, name == "select", call);
            default:
                return Chosen(items, Getter(call.Positional.Count > 0 ? call.Positional[0] : throw JinjaFault.Of($"{name} wants an attribute")), 1, name == "selectattr", call);
        }
    }

    private static List<object?> Entries(string name, object? value, JinjaCall call)
    {
        if (value is JinjaUndefined && name == "items")
        {
            return [];
        }

        JinjaMap map = value as JinjaMap ?? throw JinjaFault.Of($"{name} is for maps, not for {JinjaValue.TypeOf(value)}");
        call.Work.Items(map.Count);
        List<object?> entries = [.. map.Select(pair => (object?)new object?[] { pair.Key, pair.Value })];
        if (name == "items")
        {
            return entries;
        }

        int by = call.Text(1, "by", "key") switch { "key" => 0, "value" => 1, var other => throw JinjaFault.Of($"dictsort sorts by key or value, not by {other}") };
        bool exact = call.Flag(0, "case_sensitive", false);
        Comparer<object?> comparer = Comparer<object?>.Create((left, right) => JinjaValue.Compare(left, right, call.Work));
        object? Order(object? entry) => ((object?[])entry!)[by] is var part && part is string text && !exact ? text.ToLowerInvariant() : part;
        return [.. Stable(call.Flag(2, "reverse", false) ? entries.OrderByDescending(Order, comparer) : entries.OrderBy(Order, comparer))];
    }

    // what a comparison says is wrong comes out as itself
    private static List<object?> Stable(IEnumerable<object?> sorted)
    {
        try
        {
            return [.. sorted];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is Core.Errors.AthanorException fault)
        {
            throw fault;
        }
    }

    /// <summary>What an attribute such as <c>function.name</c> or <c>0</c> gives of an item; null gives the item.</summary>
    private static Func<object?, object?> Getter(object? attribute, object? otherwise = null)
    {
        if (attribute is null)
        {
            return item => item;
        }

        object?[] parts = attribute is string name ? [.. name.Split('.').Select(part => long.TryParse(part, out long place) ? (object?)place : part)] : [attribute];
        return item =>
        {
            foreach (object? part in parts)
            {
                item = JinjaEvaluator.Item(item, part);
                if (item is JinjaUndefined && otherwise is not null)
                {
                    return otherwise;
                }
            }

            return item;
        };
    }

    private static Func<object?, object?> Caseless(object? attribute, bool exact)
    {
        Func<object?, object?> getter = Getter(attribute);
        return item => getter(item) is var part && part is string text && !exact ? text.ToLowerInvariant() : part;
    }

    private static object? Extreme(IReadOnlyList<object?> items, int sign, JinjaCall call)
    {
        Func<object?, object?> order = Caseless(call.Get(1, "attribute"), call.Flag(0, "case_sensitive", false));
        object? best = items.Count > 0 ? items[0] : new JinjaUndefined("the extreme of nothing");
        foreach (object? item in items.Skip(1))
        {
            best = JinjaValue.Compare(order(item), order(best), call.Work) * sign > 0 ? item : best;
        }

        return best;
    }

    private static List<object?> Unique(IReadOnlyList<object?> items, Func<object?, object?> key, JinjaWork work)
    {
        List<object?> seen = [];
        List<object?> kept = [];
        foreach (object? item in items)
        {
            object? mark = key(item);
            if (!seen.Any(other => JinjaValue.AreEqual(other, mark, work)))
            {
                seen.Add(mark);
                kept.Add(item);
            }
        }

        return kept;
    }

    private static List<object?> Groups(IReadOnlyList<object?> items, JinjaCall call)
    {
        object? attribute = call.Get(0, "attribute");
        Func<object?, object?> getter = Getter(attribute, call.Get(1, "default"));
        Comparer<object?> comparer = Comparer<object?>.Create((left, right) => JinjaValue.Compare(left, right, call.Work));
        bool exact = call.Flag(2, "case_sensitive", false);
        object? Order(object? item) => getter(item) is var part && part is string text && !exact ? text.ToLowerInvariant() : part;
        List<object?> groups = [];
        List<object?> current = [];
        object? mark = null;
        foreach (object? item in Stable(items.OrderBy(Order, comparer)))
        {
            if (current.Count == 0 || !JinjaValue.AreEqual(Order(item), mark, call.Work))
            {
                current = [];
                mark = Order(item);
                groups.Add(new object?[] { getter(item), current });
            }

            current.Add(item);
        }

        return groups;
    }

    private static List<object?> Batches(IReadOnlyList<object?> items, JinjaCall call)
    {
        long size = call.Whole(0, "linecount", 0);
        if (size is < 1 or > JinjaWork.MaximumSteps)
        {
            throw JinjaFault.Of("batch wants a size of 1 or more");
        }

        List<object?> batches = [.. items.Chunk((int)size).Select(batch => batch.ToList())];
        if (call.Get(1, "fill_with") is { } filling && batches.Count > 0)
        {
            call.Work.Items(size);
            List<object?> last = (List<object?>)batches[^1]!;
            last.AddRange(Enumerable.Repeat((object?)filling, (int)size - last.Count));
        }

        return batches;
    }

    private static List<object?> Slices(IReadOnlyList<object?> items, JinjaCall call)
    {
        long count = call.Whole(0, "slices", 0);
        if (count < 1)
        {
            throw JinjaFault.Of("slice wants 1 or more");
        }

        call.Work.Items(count);
        object? filling = call.Get(1, "fill_with");
        List<object?> slices = [];
        int from = 0;
        for (long slice = 0; slice < count; slice++)
        {
            int length = (int)((items.Count / count) + (slice < items.Count % count ? 1 : 0));
            List<object?> part = [.. items.Skip(from).Take(length)];
            from += length;
            if (filling is not null && slice >= items.Count % count)
            {
                part.Add(filling);
            }

            slices.Add(part);
        }

        return slices;
    }

    private static List<object?> Map(IReadOnlyList<object?> items, JinjaCall call)
    {
        if (call.Positional.Count == 0)
        {
            Func<object?, object?> getter = Getter(call.Named.GetValueOrDefault("attribute") ?? throw JinjaFault.Of("map wants a filter or an attribute"), call.Named.GetValueOrDefault("default"));
            return [.. items.Select(getter)];
        }

        string filter = call.RequiredText(0, "filter");
        JinjaCall inner = new(filter, [.. call.Positional.Skip(1)], call.Named, call.Work);
        return [.. items.Select(item =>
        {
            call.Work.Step();
            object? value = Deeper(call.Work, () => Apply(filter, item, inner));
            call.Work.Letters(value is string text ? text.Length : 0);
            return value;
        })];
    }

    private static List<object?> Chosen(IReadOnlyList<object?> items, Func<object?, object?> part, int skipped, bool wanted, JinjaCall call)
    {
        string? test = call.Positional.Count > skipped ? call.RequiredText(skipped, "test") : null;
        JinjaCall inner = new(test ?? "", [.. call.Positional.Skip(skipped + 1)], call.Named, call.Work);
        return [.. items.Where(item => (test is null ? JinjaValue.IsTrue(part(item)) : JinjaTests.Test(test, part(item), inner)) == wanted)];
    }

    // a filter that maps a filter that maps …
    private static object? Deeper(JinjaWork work, Func<object?> compute)
    {
        work.Enter();
        object? value = compute();
        work.Leave();
        return value;
    }
}
