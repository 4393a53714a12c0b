namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>A part of a template that has a value.</summary>
/// <param name="Line">The line it stands in.</param>
internal abstract record JinjaExpression(int Line);

internal sealed record ConstantExpression(int Line, object? Value) : JinjaExpression(Line);

internal sealed record NameExpression(int Line, string Name) : JinjaExpression(Line);

internal sealed record ListExpression(int Line, IReadOnlyList<JinjaExpression> Items) : JinjaExpression(Line);

internal sealed record TupleExpression(int Line, IReadOnlyList<JinjaExpression> Items) : JinjaExpression(Line);

internal sealed record MapExpression(int Line, IReadOnlyList<(JinjaExpression Key, JinjaExpression Value)> Entries) : JinjaExpression(Line);

/// <summary><c>a.b</c>: an attribute first, then an item.</summary>
internal sealed record AttributeExpression(int Line, JinjaExpression Of, string Name) : JinjaExpression(Line);

/// <summary><c>a[b]</c>: an item first, then an attribute.</summary>
internal sealed record ItemExpression(int Line, JinjaExpression Of, JinjaExpression Index) : JinjaExpression(Line);

/// <summary><c>a[from:to:step]</c>.</summary>
internal sealed record SliceExpression(int Line, JinjaExpression Of, JinjaExpression? From, JinjaExpression? To, JinjaExpression? Step) : JinjaExpression(Line);

internal sealed record CallExpression(int Line, JinjaExpression Function, JinjaArgumentList Arguments) : JinjaExpression(Line);

/// <summary><c>a | name(…)</c>; <paramref name="Of"/> is null where the text of a block is filtered.</summary>
internal sealed record FilterExpression(int Line, JinjaExpression? Of, string Name, JinjaArgumentList Arguments) : JinjaExpression(Line);

/// <summary><c>a is name(…)</c>.</summary>
internal sealed record TestExpression(int Line, JinjaExpression Of, string Name, JinjaArgumentList Arguments, bool Negated) : JinjaExpression(Line);

/// <summary><c>-</c>, <c>+</c> or <c>not</c> before one operand.</summary>
internal sealed record UnaryExpression(int Line, string Operator, JinjaExpression Operand) : JinjaExpression(Line);

/// <summary>Arithmetic, <c>~</c>, <c>and</c>, <c>or</c>.</summary>
internal sealed record BinaryExpression(int Line, string Operator, JinjaExpression Left, JinjaExpression Right) : JinjaExpression(Line);

/// <summary>Comparisons, which can be chained: <c>a &lt; b &lt; c</c>.</summary>
internal sealed record CompareExpression(int Line, JinjaExpression First, IReadOnlyList<(string Operator, JinjaExpression Operand)> Others) : JinjaExpression(Line);

/// <summary><c>a if b else c</c>.</summary>
internal sealed record ConditionalExpression(int Line, JinjaExpression Condition, JinjaExpression Then, JinjaExpression? Else) : JinjaExpression(Line);

/// <summary>What a call hands over.</summary>
/// <param name="Positional">By place.</param>
/// <param name="Named">By name.</param>
/// <param name="Rest">A list of more by place (<c>*rest</c>).</param>
/// <param name="NamedRest">A map of more by name (<c>**rest</c>).</param>
internal sealed record JinjaArgumentList(IReadOnlyList<JinjaExpression> Positional, IReadOnlyList<(string Name, JinjaExpression Value)> Named, JinjaExpression? Rest = null, JinjaExpression? NamedRest = null)
{
    public static JinjaArgumentList Empty { get; } = new([], []);
}

/// <summary>A part of a template that does something.</summary>
/// <param name="Line">The line it stands in.</param>
internal abstract record JinjaStatement(int Line);

internal sealed record TextStatement(int Line, string Text) : JinjaStatement(Line);

internal sealed record PrintStatement(int Line, JinjaExpression Value) : JinjaStatement(Line);

internal sealed record IfStatement(int Line, IReadOnlyList<(JinjaExpression Condition, IReadOnlyList<JinjaStatement> Body)> Branches, IReadOnlyList<JinjaStatement> Else) : JinjaStatement(Line);

internal sealed record ForStatement(int Line, JinjaTarget Target, JinjaExpression Over, JinjaExpression? Filter, bool Recursive, IReadOnlyList<JinjaStatement> Body, IReadOnlyList<JinjaStatement> Else) : JinjaStatement(Line);

internal sealed record SetStatement(int Line, JinjaTarget Target, JinjaExpression Value) : JinjaStatement(Line);

/// <summary>A name for what a block prints, after filters (each with no operand).</summary>
internal sealed record SetBlockStatement(int Line, JinjaTarget Target, IReadOnlyList<FilterExpression> Filters, IReadOnlyList<JinjaStatement> Body) : JinjaStatement(Line);

internal sealed record FilterBlockStatement(int Line, IReadOnlyList<FilterExpression> Filters, IReadOnlyList<JinjaStatement> Body) : JinjaStatement(Line);

internal sealed record WithStatement(int Line, IReadOnlyList<(JinjaTarget Target, JinjaExpression Value)> Values, IReadOnlyList<JinjaStatement> Body) : JinjaStatement(Line);

internal sealed record MacroStatement(int Line, string Name, IReadOnlyList<(string Name, JinjaExpression? Default)> Parameters, IReadOnlyList<JinjaStatement> Body) : JinjaStatement(Line);

/// <summary><c>{% call f() %}…{% endcall %}</c>: the body is what <c>caller()</c> prints inside.</summary>
internal sealed record CallBlockStatement(int Line, CallExpression Call, MacroStatement Caller) : JinjaStatement(Line);

/// <summary><c>{% generation %}…{% endgeneration %}</c>: marks what the assistant said.</summary>
internal sealed record GenerationStatement(int Line, IReadOnlyList<JinjaStatement> Body) : JinjaStatement(Line);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record LeaveStatement(int Line, bool Loop) : JinjaStatement(Line);

/// <summary>What a value is given to: a name, an attribute of a namespace, or several.</summary>
/// <param name="Name">The name; null where there are several.</param>
/// <param name="Attribute">The namespace's attribute, or null.</param>
/// <param name="Parts">The several; null where there is one.</param>
internal sealed record JinjaTarget(string? Name, string? Attribute, IReadOnlyList<JinjaTarget>? Parts);
