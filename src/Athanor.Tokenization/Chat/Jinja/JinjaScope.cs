namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Names and their values in a block; what it does not know the one around it may.</summary>
/// <param name="around">The scope around it; null for the template's own.</param>
internal sealed class JinjaScope(JinjaScope? around)
{
    private readonly Dictionary<string, object?> _values = [];

    public bool Find(string name, out object? value)
    {
        for (JinjaScope? scope = this; scope is not null; scope = scope.Around)
        {
            if (scope._values.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    public JinjaScope? Around { get; } = around;

    public void Set(string name, object? value) => _values[name] = value;
}

/// <summary>What <c>loop</c> is inside a for.</summary>
/// <param name="items">What is gone through.</param>
/// <param name="depth">How many recursive loops are around it.</param>
/// <param name="again">Goes through other items in the same way, where the loop is recursive.</param>
internal sealed class JinjaLoop(IReadOnlyList<object?> items, int depth, JinjaFunction? again)
{
    private object? _seen = new JinjaUndefined("nothing before");

    public int Index { get; set; }

    public JinjaFunction? Again { get; } = again;

    public bool Attribute(string name, out object? value)
    {
        value = name switch
        {
            "index" => Index + 1L,
            "index0" => (long)Index,
            "revindex" => (long)items.Count - Index,
            "revindex0" => items.Count - Index - 1L,
            "first" => Index == 0,
            "last" => Index == items.Count - 1,
            "length" => (long)items.Count,
            "depth" => depth + 1L,
            "depth0" => (long)depth,
            "previtem" => Index > 0 ? items[Index - 1] : new JinjaUndefined("the item before the first"),
            "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new JinjaUndefined("the item after the last"),
            "cycle" => (JinjaFunction)(call => call.Positional.Count > 0 ? call.Positional[Index % call.Positional.Count] : throw JinjaFault.Of("cycle wants something")),
            "changed" => (JinjaFunction)(call => Changed(call)),
            _ => this,
        };
        return !ReferenceEquals(value, this);
    }

    private bool Changed(JinjaCall call)
    {
        object?[] now = [.. call.Positional];
        bool changed = !JinjaValue.AreEqual(_seen, now, call.Work);
        _seen = now;
        return changed;
    }
}
