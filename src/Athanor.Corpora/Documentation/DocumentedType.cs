namespace Athanor.Corpora.Documentation;

/// <summary>A type of an API with what its documentation says of it and of its members.</summary>
/// <param name="FullName">Namespace and name without type parameters, such as <c>System.Collections.Generic.List</c>; nested types after a dot.</param>
/// <param name="Name">The name with type parameters, such as <c>List&lt;T&gt;</c>.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Own">What is said of the type itself; null where only members are documented.</param>
/// <param name="Members">Its members in the order of the documentation.</param>
internal sealed record DocumentedType(string FullName, string Name, string Namespace, DocumentedMember? Own, IReadOnlyList<DocumentedMember> Members)
{
    /// <summary>The name that no other type has, with the number of type parameters: <c>System.Collections.Generic.List`1</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The full name of the outermost type it is nested in, or its own: what splits are decided by.</summary>
    public required string Outermost { get; init; }

    /// <summary>The name without namespace and type parameters.</summary>
    public string PlainName => FullName[(FullName.LastIndexOf('.') + 1)..];
}

/// <summary>A member (or the type itself) and its documentation as plain text.</summary>
internal sealed record DocumentedMember
{
    /// <summary>What it is.</summary>
    public required MemberKind Kind { get; init; }

    /// <summary>Its name without the type's, such as <c>Add</c> or <c>operator +</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How it is written in C#, such as <c>List.Add(T item)</c>.</summary>
    public required string Signature { get; init; }

    /// <summary>What it is for.</summary>
    public required string Summary { get; init; }

    /// <summary>Parameters with a description, in order.</summary>
    public IReadOnlyList<DocumentedPart> Parameters { get; init; } = [];

    /// <summary>What it returns or holds; empty where nothing is said.</summary>
    public string Returns { get; init; } = "";

    /// <summary>Exceptions it throws (short type names) and when.</summary>
    public IReadOnlyList<DocumentedPart> Exceptions { get; init; } = [];

    /// <summary>What else there is to know; may hold several paragraphs and code.</summary>
    public string Remarks { get; init; } = "";

    /// <summary>Whether the name is a plain identifier, which a person would type.</summary>
    public bool HasPlainName => Kind is not (MemberKind.Type or MemberKind.Constructor) && Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}

/// <summary>A named thing and what is said of it.</summary>
/// <param name="Name">The parameter's or exception's name.</param>
/// <param name="Text">One line of text.</param>
internal sealed record DocumentedPart(string Name, string Text);

/// <summary>Kinds of members.</summary>
internal enum MemberKind
{
    /// <summary>The type itself.</summary>
    Type,

    /// <summary>A constructor.</summary>
    Constructor,

    /// <summary>A method or operator.</summary>
    Method,

    /// <summary>A property or indexer.</summary>
    Property,

    /// <summary>A field or a value of an enumeration.</summary>
    Field,

    /// <summary>An event.</summary>
    Event,
}
