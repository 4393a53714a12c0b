using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>A part of a parsed expression.</summary>
internal abstract record Node
{
    /// <summary>Whether it can match without taking a character.</summary>
    public abstract bool CanBeEmpty { get; }
}

/// <summary>Characters in a row.</summary>
/// <param name="Codes">The characters; where case is folded, folded.</param>
/// <param name="FoldsCase">Whether whatever folds to them matches.</param>
internal sealed record Literal(int[] Codes, bool FoldsCase) : Node
{
    public override bool CanBeEmpty => Codes.Length == 0;
}

/// <summary>One character of a set.</summary>
/// <param name="Members">The set.</param>
internal sealed record Class(CodePointSet Members) : Node
{
    public override bool CanBeEmpty => false;
}

/// <summary>Parts in a row.</summary>
/// <param name="Parts">The parts.</param>
internal sealed record Sequence(IReadOnlyList<Node> Parts) : Node
{
    public override bool CanBeEmpty => Parts.All(part => part.CanBeEmpty);
}

/// <summary>One of several, the first that leads to a match.</summary>
/// <param name="Branches">The alternatives.</param>
internal sealed record Choice(IReadOnlyList<Node> Branches) : Node
{
    public override bool CanBeEmpty => Branches.Any(branch => branch.CanBeEmpty);
}

/// <summary>A part several times.</summary>
/// <param name="Body">The part.</param>
/// <param name="Minimum">How often at least.</param>
/// <param name="Maximum">How often at most; <see cref="Unbounded"/>: any number of times.</param>
/// <param name="Lazy">Whether seldom is tried before often.</param>
internal sealed record Repeat(Node Body, int Minimum, int Maximum, bool Lazy) : Node
{
    /// <summary>No limit.</summary>
    public const int Unbounded = int.MaxValue;

    public override bool CanBeEmpty => Minimum == 0 || Body.CanBeEmpty;
}

/// <summary>A group in parentheses; its characters do not join those beside it.</summary>
/// <param name="Body">What is in it.</param>
internal sealed record Group(Node Body) : Node
{
    public override bool CanBeEmpty => Body.CanBeEmpty;
}

/// <summary>A part of which only the first way to match counts (<c>(?&gt;…)</c>, possessive quantifiers).</summary>
/// <param name="Body">The part.</param>
internal sealed record Atomic(Node Body) : Node
{
    public override bool CanBeEmpty => Body.CanBeEmpty;
}

/// <summary>A look at what follows or precedes a place.</summary>
/// <param name="Body">What should be there.</param>
/// <param name="Behind">Whether it is to end at the place, and not to begin there.</param>
/// <param name="Negative">Whether it should not be there.</param>
internal sealed record Look(Node Body, bool Behind, bool Negative) : Node
{
    public override bool CanBeEmpty => true;
}

/// <summary>A condition on a place, or another instruction that takes no character or one user-perceived one.</summary>
/// <param name="Operation">What it is.</param>
internal sealed record Assertion(Operation Operation) : Node
{
    public override bool CanBeEmpty => Operation != Operation.Cluster;
}
