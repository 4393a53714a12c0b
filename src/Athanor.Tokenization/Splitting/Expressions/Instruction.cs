using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>What an <see cref="Instruction"/> does.</summary>
internal enum Operation
{
    /// <summary>Takes one character, <see cref="Instruction.Target"/>.</summary>
    Character,

    /// <summary>Takes a character of the set.</summary>
    Class,

    /// <summary>Takes characters that fold to the instruction's.</summary>
    Folded,

    /// <summary>Like <see cref="Character"/>, backwards.</summary>
    CharacterBehind,

    /// <summary>Like <see cref="Class"/>, backwards.</summary>
    ClassBehind,

    /// <summary>Takes characters of the set as often as possible, then gives them back one by one.</summary>
    Star,

    /// <summary>Takes characters of the set as often as necessary.</summary>
    LazyStar,

    /// <summary>Takes characters of the set as often as possible and gives none back.</summary>
    PossessiveStar,

    /// <summary>Goes on with the next instruction, and if that fails at the target; at once at the target where it has a set and no character of it follows.</summary>
    Try,

    /// <summary>Goes on at the target, and if that fails with the next instruction.</summary>
    TryTarget,

    /// <summary>Goes on at the target.</summary>
    Jump,

    /// <summary>Begins a part of which only the first match counts.</summary>
    AtomicBegin,

    /// <summary>Ends it.</summary>
    AtomicEnd,

    /// <summary>Begins a look; after <see cref="LookEnd"/>, just before the target, it goes on at the target from where it looked.</summary>
    Look,

    /// <summary>Begins a look that must fail.</summary>
    NegativeLook,

    /// <summary>Ends a look.</summary>
    LookEnd,

    /// <summary>Begins one round of a loop whose body can be empty.</summary>
    RoundBegin,

    /// <summary>Leaves the loop (for the target) if the round took no character.</summary>
    RoundEnd,

    /// <summary><c>^</c></summary>
    LineStart,

    /// <summary><c>$</c></summary>
    LineEnd,

    /// <summary><c>\A</c></summary>
    TextStart,

    /// <summary><c>\z</c></summary>
    TextEnd,

    /// <summary><c>\Z</c></summary>
    TextEndOrLastNewline,

    /// <summary><c>\G</c></summary>
    SearchStart,

    /// <summary><c>\b</c></summary>
    WordBoundary,

    /// <summary><c>\B</c></summary>
    NoWordBoundary,

    /// <summary><c>\X</c>: a grapheme cluster.</summary>
    Cluster,

    /// <summary><c>\K</c>: the match begins here.</summary>
    Keep,

    /// <summary>The expression matches.</summary>
    Match,
}

/// <summary>A step of a compiled expression.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="Target">A place in the program, or a character.</param>
/// <param name="Members">The set it needs.</param>
/// <param name="Codes">The characters it needs.</param>
/// <param name="State">For those whose outcomes can be remembered their number, otherwise -1.</param>
/// <param name="Loop">For rounds the number of their loop: how many such loops it stands in.</param>
internal sealed record Instruction(Operation Operation, int Target = 0, CodePointSet? Members = null, int[]? Codes = null, int State = -1, int Loop = 0);

/// <summary>A compiled expression.</summary>
/// <param name="Instructions">The steps; the first is where a match begins.</param>
/// <param name="States">How many of them have outcomes that can be remembered.</param>
/// <param name="Loops">How many loops with bodies that can be empty stand in each other.</param>
/// <param name="First">The characters a match can begin with; null where it can be empty.</param>
internal sealed record ExpressionProgram(Instruction[] Instructions, int States, int Loops, CodePointSet? First)
{
    /// <summary>Whether outcomes depend on where a search began.</summary>
    public bool LooksAtSearchStart { get; } = Instructions.Any(step => step.Operation == Operation.SearchStart);
}
