namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>A call as the called sees it.</summary>
/// <param name="name">What is called, for messages.</param>
/// <param name="positional">Arguments by place.</param>
/// <param name="named">Arguments by name.</param>
/// <param name="work">What the rendering may still spend.</param>
internal sealed class JinjaCall(string name, IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> named, JinjaWork work)
{
    private static readonly Dictionary<string, object?> None = [];

    public JinjaCall(string name, IReadOnlyList<object?> positional, JinjaWork work)
        : this(name, positional, None, work)
    {
    }

    public IReadOnlyList<object?> Positional { get; } = positional;

    public IReadOnlyDictionary<string, object?> Named { get; } = named;

    public JinjaWork Work { get; } = work;

    /// <summary>Whether an argument was given by place or name.</summary>
    public bool Has(int place, string parameter) => place < Positional.Count || Named.ContainsKey(parameter);

    /// <summary>An argument by place or name.</summary>
    public object? Get(int place, string parameter, object? otherwise = null) => place < Positional.Count ? Positional[place] : Named.GetValueOrDefault(parameter, otherwise);

    public string Text(int place, string parameter, string otherwise) => Has(place, parameter) ? JinjaValue.Text(Get(place, parameter)) : otherwise;

    public long Whole(int place, string parameter, long otherwise) => !Has(place, parameter) ? otherwise : JinjaValue.Whole(Get(place, parameter)) ?? throw JinjaFault.Of($"{name} wants a whole number for {parameter}");

    public bool Flag(int place, string parameter, bool otherwise) => Has(place, parameter) ? JinjaValue.IsTrue(Get(place, parameter)) : otherwise;

    public string RequiredText(int place, string parameter) => Get(place, parameter) as string ?? throw JinjaFault.Of($"{name} wants a string for {parameter}");
}
