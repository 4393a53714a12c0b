namespace Athanor.Core.Recipes;

/// <summary>A value of a recipe as it was written, before anyone knows what it should be.</summary>
/// <param name="Mark">Where it stands.</param>
internal abstract record RecipeNode(Mark Mark)
{
    /// <summary>What a person would call it.</summary>
    public abstract string Kind { get; }
}

/// <summary>Where something of a recipe stands: a line of a file, or an option of the command line.</summary>
/// <param name="Source">The file, or the option as it was given.</param>
/// <param name="Line">The line, from 1; 0 for an option.</param>
internal readonly record struct Mark(string Source, int Line)
{
    public override string ToString() => Line > 0 ? $"{Source}:{Line}" : Source;
}

/// <summary>A number, a text, a truth value or nothing.</summary>
/// <param name="Mark">Where it stands.</param>
/// <param name="Text">As it was written, without quotes.</param>
/// <param name="Quoted">Whether quotes make it a text for certain.</param>
internal sealed record ScalarNode(Mark Mark, string Text, bool Quoted) : RecipeNode(Mark)
{
    public bool IsNull => !Quoted && Text is "" or "~" or "null" or "Null" or "NULL";

    public override string Kind => IsNull ? "nothing" : $"'{(Text.Length <= 60 ? Text : Text[..57] + "...")}'";
}

/// <summary>A list.</summary>
internal sealed record ListNode(Mark Mark, IReadOnlyList<RecipeNode> Items) : RecipeNode(Mark)
{
    public override string Kind => "a list";
}

/// <summary>A map; its keys are distinct and stand in the order they were written.</summary>
internal sealed record MapNode(Mark Mark, IReadOnlyList<MapEntry> Entries) : RecipeNode(Mark)
{
    public override string Kind => "a map";

    public RecipeNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>Lays another value over this one: maps merge key by key, anything else replaces, and nothing (<c>null</c>) removes the key.</summary>
    public MapNode With(MapNode overlay)
    {
        List<MapEntry> merged = [.. Entries];
        foreach (MapEntry entry in overlay.Entries)
        {
            int at = merged.FindIndex(other => other.Key == entry.Key);
            if (entry.Value is ScalarNode { IsNull: true })
            {
                if (at >= 0)
                {
                    merged.RemoveAt(at);
                }
            }
            else if (at < 0)
            {
                merged.Add(entry);
            }
            else
            {
                merged[at] = entry.Value is MapNode over && merged[at].Value is MapNode under ? merged[at] with { Value = under.With(over) } : entry;
            }
        }

        return this with { Entries = merged };
    }
}

/// <summary>One key of a map and its value.</summary>
internal sealed record MapEntry(string Key, Mark Mark, RecipeNode Value);
