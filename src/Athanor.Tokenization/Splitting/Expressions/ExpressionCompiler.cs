using Athanor.Core.Errors;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>Turns a parsed expression into a program.</summary>
/// <param name="pattern">The expression as written, for faults.</param>
internal sealed class ExpressionCompiler(string pattern)
{
    private const int MaximumInstructions = 20_000;
    private const int MaximumLoops = 6;

    private readonly List<Instruction> _program = [];
    private int _states;
    private int _loops;
    private int _loopsAround;

    /// <summary>Compiles.</summary>
    /// <exception cref="AthanorException">The program would be too large.</exception>
    public ExpressionProgram Compile(Node node)
    {
        Emit(node, behind: false);
        Add(new Instruction(Operation.Match));
        return new ExpressionProgram([.. _program], _states, _loops, node.CanBeEmpty ? null : FirstOf(node, out _));
    }

    // The characters a part can begin with; transparent: what follows it can begin there too
    private static CodePointSet FirstOf(Node node, out bool transparent)
    {
        transparent = node.CanBeEmpty;
        switch (node)
        {
            case Literal literal:
                return literal.Codes.Length == 0 ? CodePointSet.Empty
                    : literal.FoldsCase ? CaseFolding.BeginningWith(literal.Codes[0])
                    : CodePointSet.Of(literal.Codes[0], literal.Codes[0]);
            case Class characters:
                return characters.Members;
            case Sequence sequence:
                CodePointSet set = CodePointSet.Empty;
                foreach (Node part in sequence.Parts)
                {
                    set = set.Union(FirstOf(part, out bool through));
                    if (!through)
                    {
                        break;
                    }
                }

                return set;
            case Choice choice:
                return choice.Branches.Aggregate(CodePointSet.Empty, (all, branch) => all.Union(FirstOf(branch, out _)));
            case Repeat repeat:
                return FirstOf(repeat.Body, out _);
            case Group group:
                return FirstOf(group.Body, out _);
            case Atomic atomic:
                return FirstOf(atomic.Body, out _);
            case Assertion { Operation: Operation.Cluster }:
                return CodePointSet.All;
            default:
                return CodePointSet.Empty;
        }
    }

    private static CodePointSet? SingleOf(Node node) => node switch
    {
        Class characters => characters.Members,
        Literal { FoldsCase: false, Codes: [int code] } => CodePointSet.Of(code, code),
        Group group => SingleOf(group.Body),
        Sequence { Parts: [Node only] } => SingleOf(only),
        _ => null,
    };

    // How many characters it takes where that is always the same
    private static int? WidthOf(Node node)
    {
        switch (node)
        {
            case Literal literal:
                return literal.FoldsCase && literal.Codes.Length > 1 ? null : literal.Codes.Length;
            case Class:
                return 1;
            case Sequence sequence:
                return sequence.Parts.Aggregate((int?)0, (sum, part) => sum + WidthOf(part));
            case Choice choice:
                int? width = WidthOf(choice.Branches[0]);
                return choice.Branches.All(branch => WidthOf(branch) == width) ? width : null;
            case Repeat repeat:
                return repeat.Minimum == repeat.Maximum ? repeat.Minimum * WidthOf(repeat.Body) : null;
            case Group group:
                return WidthOf(group.Body);
            case Atomic atomic:
                return WidthOf(atomic.Body);
            case Assertion { Operation: Operation.Cluster }:
                return null;
            default:
                return 0;
        }
    }

    private int Add(Instruction instruction)
    {
        if (_program.Count == MaximumInstructions)
        {
            throw new AthanorException($"expression {pattern}: its counted repeats make it too large", "write smaller numbers of repeats");
        }

        _program.Add(instruction);
        return _program.Count - 1;
    }

    private int AddAttempt(Repeat repeat, bool behind) => Add(repeat.Lazy
        ? new Instruction(Operation.TryTarget, State: _states++)
        : new Instruction(Operation.Try, Members: GuardOf(repeat.Body, behind), State: _states++));

    // What has to follow for a part to match, where that is one of some characters
    private static CodePointSet? GuardOf(Node node, bool behind) => behind || node.CanBeEmpty ? null : FirstOf(node, out _);

    private void Aim(int at, int target) => _program[at] = _program[at] with { Target = target };

    private void Emit(Node node, bool behind)
    {
        switch (node)
        {
            case Literal literal:
                EmitLiteral(literal, behind);
                break;
            case Class characters:
                Add(new Instruction(behind ? Operation.ClassBehind : Operation.Class, Members: characters.Members));
                break;
            case Sequence sequence:
                foreach (Node part in behind ? sequence.Parts.Reverse() : sequence.Parts)
                {
                    Emit(part, behind);
                }

                break;
            case Choice choice:
                EmitChoice(choice, behind);
                break;
            case Repeat repeat:
                EmitRepeat(repeat, behind);
                break;
            case Group group:
                Emit(group.Body, behind);
                break;
            case Atomic atomic:
                EmitAtomic(atomic, behind);
                break;
            case Look look:
                int begin = Add(new Instruction(look.Negative ? Operation.NegativeLook : Operation.Look, State: _states++));
                Emit(look.Body, look.Behind);
                Aim(begin, Add(new Instruction(Operation.LookEnd)) + 1);
                break;
            case Assertion { Operation: Operation.Cluster or Operation.Keep } when behind:
                throw new AthanorException($"expression {pattern}: \\X or \\K in a look-behind is not supported", "write the expression without it");
            case Assertion assertion:
                Add(new Instruction(assertion.Operation));
                break;
            default:
                throw new InvalidOperationException(node.ToString());
        }
    }

    private void EmitLiteral(Literal literal, bool behind)
    {
        if (literal.FoldsCase && !behind && (literal.Codes.Length > 1 || CaseFolding.Equivalents(literal.Codes[0]).Count > 1))
        {
            Add(literal.Codes.Length == 1
                ? new Instruction(Operation.Class, Members: CodePointSet.Of([.. CaseFolding.Equivalents(literal.Codes[0])]))
                : new Instruction(Operation.Folded, Codes: literal.Codes));
            return;
        }

        // Oniguruma: a look-behind folds single characters only
        foreach (int code in behind ? literal.Codes.Reverse() : literal.Codes)
        {
            IReadOnlyList<int> same = literal.FoldsCase ? CaseFolding.Equivalents(code) : [code];
            Add(same.Count > 1
                ? new Instruction(behind ? Operation.ClassBehind : Operation.Class, Members: CodePointSet.Of([.. same]))
                : new Instruction(behind ? Operation.CharacterBehind : Operation.Character, code));
        }
    }

    private void EmitChoice(Choice choice, bool behind)
    {
        List<int> ends = [];
        for (int branch = 0; branch < choice.Branches.Count; branch++)
        {
            bool last = branch == choice.Branches.Count - 1;
            int attempt = last ? -1 : Add(new Instruction(Operation.Try, Members: GuardOf(choice.Branches[branch], behind), State: _states++));
            Emit(choice.Branches[branch], behind);
            if (!last)
            {
                ends.Add(Add(new Instruction(Operation.Jump)));
                Aim(attempt, _program.Count);
            }
        }

        ends.ForEach(end => Aim(end, _program.Count));
    }

    private void EmitAtomic(Atomic atomic, bool behind)
    {
        if (behind)
        {
            // All ways to match a part of one width end at one place, so the first is as good as any
            if (WidthOf(atomic.Body) is null)
            {
                throw new AthanorException($"expression {pattern}: an atomic part of no fixed length in a look-behind is not supported", "write the look-behind without it");
            }

            Emit(atomic.Body, behind);
            return;
        }

        if (atomic.Body is Repeat { Maximum: Repeat.Unbounded, Lazy: false } repeat && SingleOf(repeat.Body) is CodePointSet members)
        {
            for (int times = 0; times < repeat.Minimum; times++)
            {
                Emit(repeat.Body, behind);
            }

            Add(new Instruction(Operation.PossessiveStar, Members: members, State: _states++));
            return;
        }

        Add(new Instruction(Operation.AtomicBegin));
        Emit(atomic.Body, behind);
        Add(new Instruction(Operation.AtomicEnd));
    }

    private void EmitRepeat(Repeat repeat, bool behind)
    {
        for (int times = 0; times < repeat.Minimum; times++)
        {
            Emit(repeat.Body, behind);
        }

        if (repeat.Maximum < Repeat.Unbounded)
        {
            List<int> attempts = [];
            for (int times = repeat.Minimum; times < repeat.Maximum; times++)
            {
                attempts.Add(AddAttempt(repeat, behind));
                Emit(repeat.Body, behind);
            }

            attempts.ForEach(attempt => Aim(attempt, _program.Count));
            return;
        }

        if (!behind && SingleOf(repeat.Body) is CodePointSet members)
        {
            Add(new Instruction(repeat.Lazy ? Operation.LazyStar : Operation.Star, Members: members, State: _states++));
            return;
        }

        int head = AddAttempt(repeat, behind);
        int round = -1;
        if (repeat.Body.CanBeEmpty)
        {
            // Loops that do not stand in each other share a number
            round = _loopsAround;
            if (round == MaximumLoops)
            {
                throw new AthanorException($"expression {pattern}: too many loops that can match nothing are nested", "nest fewer quantifiers");
            }

            _loops = Math.Max(_loops, round + 1);
            Add(new Instruction(Operation.RoundBegin, Loop: round));
        }

        _loopsAround += round < 0 ? 0 : 1;
        Emit(repeat.Body, behind);
        _loopsAround -= round < 0 ? 0 : 1;
        int check = round < 0 ? -1 : Add(new Instruction(Operation.RoundEnd, Loop: round));
        Add(new Instruction(Operation.Jump, head));
        Aim(head, _program.Count);
        if (check >= 0)
        {
            Aim(check, _program.Count);
        }
    }
}
