using System.Buffers;
using System.Globalization;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>
/// Runs a program over a text by backtracking. Once that has taken too many steps, it remembers at which places which instructions have failed (nothing they lead to
/// depends on how they were reached), so that each is tried at each place once: the time stays proportional to the text.
/// </summary>
internal ref struct ExpressionMatcher
{
    /// <summary>How many steps are free, and how many more for every unit of the text, before failures are remembered.</summary>
    public const int LeastSteps = 10_000, StepsPerUnit = 12;

    private readonly Instruction[] _program;
    private readonly ExpressionProgram _expression;
    private readonly ReadOnlySpan<char> _text;
    private readonly int _rounds;
    private Frame[] _stack;
    private int _height;
    private int _barrier;
    private long _steps;
    private OutcomeTable? _outcomes;

    /// <summary>Prepares for a text.</summary>
    public ExpressionMatcher(ExpressionProgram program, ReadOnlySpan<char> text, long steps)
    {
        _expression = program;
        _program = program.Instructions;
        _text = text;
        _rounds = (1 << program.Loops) - 1;
        _stack = ArrayPool<Frame>.Shared.Rent(256);
        _steps = steps;
    }

    private enum FrameKind
    {
        // Go on at an instruction
        Retry,

        // Give back a character of a star, down to the place Other
        GiveBack,

        // Take one more character of a lazy star
        TakeMore,

        // Nothing to try; note that the instruction failed there, after Other atomic parts had ended
        Failed,

        // Note later that the instruction failed there; now go on with its other way
        RetryAndNote,

        // A look began; Other is the barrier before it
        Look,

        // An atomic part began; Other is the barrier before it
        Atomic,

        // The match's beginning was Other
        Kept,
    }

    /// <summary>Finds the first match at or after a place.</summary>
    public bool TryFind(int start, out TextMatch match)
    {
        CodePointSet? first = _expression.First;
        if (_expression.LooksAtSearchStart)
        {
            _outcomes = null;
        }

        for (int at = start; at <= _text.Length; at += Width(at))
        {
            if (first is not null)
            {
                while (at < _text.Length && !first.Contains(CodeAt(at, out int width)))
                {
                    at += width;
                }

                if (at >= _text.Length)
                {
                    break;
                }
            }

            if (_steps < 0 && _outcomes is null)
            {
                _outcomes = new OutcomeTable(_expression, _text.Length);
            }

            if (Run(at, start, out match))
            {
                return true;
            }
        }

        match = default;
        return false;
    }

    /// <summary>Gives its memory back.</summary>
    public void Dispose()
    {
        ArrayPool<Frame>.Shared.Return(_stack);
        _stack = [];
    }

    private readonly int Width(int at) => at < _text.Length && char.IsHighSurrogate(_text[at]) ? 2 : 1;

    private readonly int CodeAt(int at, out int width)
    {
        int code = _text[at];
        if (code is >= 0xD800 and <= 0xDBFF)
        {
            width = 2;
            return ((code - 0xD800) << 10) + (_text[at + 1] - 0xDC00) + 0x10000;
        }

        width = 1;
        return code;
    }

    private readonly int CodeBefore(int at, out int width)
    {
        int code = _text[at - 1];
        if (code is >= 0xDC00 and <= 0xDFFF)
        {
            width = 2;
            return ((_text[at - 2] - 0xD800) << 10) + (code - 0xDC00) + 0x10000;
        }

        width = 1;
        return code;
    }

    private void Push(FrameKind kind, int instruction, int place, int rounds, int other = 0)
    {
        if (_height == _stack.Length)
        {
            Frame[] larger = ArrayPool<Frame>.Shared.Rent(_height * 2);
            _stack.AsSpan(0, _height).CopyTo(larger);
            ArrayPool<Frame>.Shared.Return(_stack);
            _stack = larger;
        }

        _stack[_height++] = new Frame(kind, instruction, place, rounds, other);
    }

    private bool Run(int start, int searchStart, out TextMatch match)
    {
        _height = 0;
        _barrier = -1;
        int next = 0, at = start, rounds = 0, from = start;
        while (true)
        {
            Instruction step = _program[next];
            bool failed = false;
            switch (step.Operation)
            {
                case Operation.Match:
                    match = new TextMatch(Math.Min(from, at), at);
                    return true;
                case Operation.Character:
                    failed = at >= _text.Length || CodeAt(at, out int width) != step.Target;
                    if (!failed)
                    {
                        at += step.Target < 0x10000 ? 1 : 2;
                        rounds = _rounds;
                        next++;
                    }

                    break;
                case Operation.Class:
                    failed = at >= _text.Length || !step.Members!.Contains(CodeAt(at, out width));
                    if (!failed)
                    {
                        at += Width(at);
                        rounds = _rounds;
                        next++;
                    }

                    break;
                case Operation.CharacterBehind:
                    failed = at == 0 || CodeBefore(at, out width) != step.Target;
                    if (!failed)
                    {
                        at -= step.Target < 0x10000 ? 1 : 2;
                        rounds = _rounds;
                        next++;
                    }

                    break;
                case Operation.ClassBehind:
                    width = 1;
                    failed = at == 0 || !step.Members!.Contains(CodeBefore(at, out width));
                    if (!failed)
                    {
                        at -= width;
                        rounds = _rounds;
                        next++;
                    }

                    break;
                case Operation.Folded:
                    failed = !TakeFolded(step.Codes!, ref at);
                    rounds = _rounds;
                    next++;
                    break;
                case Operation.Star or Operation.LazyStar or Operation.PossessiveStar:
                    failed = !TakeStar(step, ref next, ref at, ref rounds);
                    break;
                case Operation.Try or Operation.TryTarget:
                    if (step.Members is not null && (at >= _text.Length || !step.Members.Contains(CodeAt(at, out _))))
                    {
                        next = step.Target;
                        break;
                    }

                    if (Known(step.State, at, rounds, ref next) is bool outcome)
                    {
                        failed = !outcome;
                        break;
                    }

                    int other = step.Operation == Operation.Try ? step.Target : next + 1;
                    Push(_outcomes is null ? FrameKind.Retry : FrameKind.RetryAndNote, _outcomes is null ? other : next, at, rounds);
                    next = step.Operation == Operation.Try ? next + 1 : step.Target;
                    break;
                case Operation.Jump:
                    next = step.Target;
                    break;
                case Operation.AtomicBegin:
                    Push(FrameKind.Atomic, next, at, rounds, _barrier);
                    _barrier = _height - 1;
                    next++;
                    break;
                case Operation.AtomicEnd:
                    Commit(_barrier, keepNotes: true);
                    next++;
                    break;
                case Operation.Look or Operation.NegativeLook:
                    // What a look finds at a place is remembered for the look as a whole
                    if (_outcomes?.Get(step.State, 0, at) is int found and not OutcomeTable.Unknown)
                    {
                        failed = (found == OutcomeTable.Matched) != (step.Operation == Operation.Look);
                        next = step.Target;
                        break;
                    }

                    Push(FrameKind.Look, next, at, rounds, _barrier);
                    _barrier = _height - 1;
                    rounds = 0;
                    next++;
                    break;
                case Operation.LookEnd:
                    Frame look = _stack[_barrier];
                    Commit(_barrier, keepNotes: false);
                    _outcomes?.Set(_program[look.Instruction].State, 0, look.Place, OutcomeTable.Matched);
                    failed = _program[look.Instruction].Operation == Operation.NegativeLook;
                    (at, rounds, next) = (look.Place, look.Rounds, _program[look.Instruction].Target);
                    break;
                case Operation.RoundBegin:
                    rounds &= ~(1 << step.Loop);
                    next++;
                    break;
                case Operation.RoundEnd:
                    next = (rounds & (1 << step.Loop)) == 0 ? step.Target : next + 1;
                    break;
                case Operation.Cluster:
                    failed = at >= _text.Length;
                    if (!failed)
                    {
                        at += StringInfo.GetNextTextElementLength(_text[at..]);
                        rounds = _rounds;
                        next++;
                    }

                    break;
                case Operation.Keep:
                    Push(FrameKind.Kept, next, at, rounds, from);
                    from = at;
                    next++;
                    break;
                default:
                    failed = !Holds(step.Operation, at, searchStart);
                    next++;
                    break;
            }

            if (failed && !Backtrack(ref next, ref at, ref rounds, ref from))
            {
                match = default;
                return false;
            }
        }
    }

    // Whether an instruction is known to lead nowhere here (false), or, within a look, to lead to its end (true: goes there)
    private bool? Known(int state, int at, int rounds, ref int next)
    {
        int outcome = _outcomes?.Get(state, rounds, at) ?? OutcomeTable.Unknown;
        if (outcome == OutcomeTable.Unknown)
        {
            return null;
        }

        if (outcome == OutcomeTable.Matched)
        {
            while (_stack[_barrier].Kind != FrameKind.Look)
            {
                _barrier = _stack[_barrier].Other;
            }

            next = _program[_stack[_barrier].Instruction].Target - 1;
            return true;
        }

        // It fails only after these atomic parts have ended, so there is no way back into them
        for (; outcome > 0; outcome--)
        {
            Commit(_barrier, keepNotes: true);
        }

        return false;
    }

    private bool TakeStar(Instruction step, ref int next, ref int at, ref int rounds)
    {
        if (_outcomes is not null)
        {
            return TakeStarOnce(step, ref next, ref at, ref rounds);
        }

        CodePointSet members = step.Members!;
        if (step.Operation == Operation.LazyStar)
        {
            Push(FrameKind.TakeMore, next, at, rounds);
            next++;
            return true;
        }

        int least = at;
        while (at < _text.Length && members.Contains(CodeAt(at, out int width)))
        {
            at += width;
        }

        _steps -= at - least;
        if (at > least)
        {
            if (step.Operation == Operation.Star)
            {
                Push(FrameKind.GiveBack, next, at, rounds, least);
            }

            rounds = _rounds;
        }

        next++;
        return true;
    }

    // With outcomes remembered a star takes one character at a time, each place an attempt of its own
    private bool TakeStarOnce(Instruction step, ref int next, ref int at, ref int rounds)
    {
        int here = next;
        if (Known(step.State, at, rounds, ref next) is bool outcome)
        {
            return outcome;
        }

        int width = 1;
        bool more = at < _text.Length && step.Members!.Contains(CodeAt(at, out width));
        if (step.Operation == Operation.LazyStar)
        {
            Push(more ? FrameKind.RetryAndNote : FrameKind.Failed, here, at, rounds);
            next++;
            return true;
        }

        Push(more && step.Operation == Operation.Star ? FrameKind.RetryAndNote : FrameKind.Failed, here, at, rounds);
        if (more)
        {
            at += width;
            rounds = _rounds;
        }
        else
        {
            next++;
        }

        return true;
    }

    private readonly bool TakeFolded(int[] codes, ref int at)
    {
        int place = at, done = 0;
        while (done < codes.Length)
        {
            if (place >= _text.Length)
            {
                return false;
            }

            int code = CodeAt(place, out int width);
            place += width;
            if (CaseFolding.TryFold(code, out int[] folded))
            {
                if (folded.Length > codes.Length - done || !folded.AsSpan().SequenceEqual(codes.AsSpan(done, folded.Length)))
                {
                    return false;
                }

                done += folded.Length;
            }
            else if (code != codes[done++])
            {
                return false;
            }
        }

        at = place;
        return true;
    }

    // Ends the part that began at a barrier: there is no way back into it
    private void Commit(int barrier, bool keepNotes)
    {
        int kept = barrier;
        int before = _stack[barrier].Other;
        for (int at = barrier + 1; at < _height; at++)
        {
            Frame frame = _stack[at];
            bool notes = frame.Kind is FrameKind.RetryAndNote or FrameKind.Failed;
            if (notes && keepNotes)
            {
                _stack[kept++] = frame with { Kind = FrameKind.Failed, Other = frame.Other + 1 };
            }
            else if (notes)
            {
                _outcomes!.Set(_program[frame.Instruction].State, frame.Rounds, frame.Place, OutcomeTable.Matched);
            }
            else if (frame.Kind == FrameKind.Kept && keepNotes)
            {
                _stack[kept++] = frame;
            }
        }

        _height = kept;
        _barrier = before;
    }

    private bool Backtrack(ref int next, ref int at, ref int rounds, ref int from)
    {
        while (_height > 0)
        {
            if (--_steps < 0 && _outcomes is null)
            {
                _outcomes = new OutcomeTable(_expression, _text.Length);
            }

            ref Frame frame = ref _stack[_height - 1];
            Instruction step = _program[frame.Instruction];
            switch (frame.Kind)
            {
                case FrameKind.Retry:
                    _height--;
                    (next, at, rounds) = (frame.Instruction, frame.Place, frame.Rounds);
                    return true;
                case FrameKind.GiveBack:
                    CodeBefore(frame.Place, out int width);
                    at = frame.Place - width;
                    rounds = at == frame.Other ? frame.Rounds : _rounds;
                    next = frame.Instruction + 1;
                    if (at == frame.Other)
                    {
                        _height--;
                    }
                    else
                    {
                        frame = frame with { Place = at };
                    }

                    return true;
                case FrameKind.TakeMore:
                    if (frame.Place < _text.Length && step.Members!.Contains(CodeAt(frame.Place, out width)))
                    {
                        at = frame.Place + width;
                        rounds = _rounds;
                        next = frame.Instruction + 1;
                        frame = frame with { Place = at, Rounds = rounds };
                        return true;
                    }

                    _height--;
                    break;
                case FrameKind.RetryAndNote:
                    (at, rounds) = (frame.Place, frame.Rounds);
                    next = step.Operation switch
                    {
                        Operation.Try => step.Target,
                        _ => frame.Instruction + 1,
                    };
                    int place = frame.Place;
                    frame = frame with { Kind = FrameKind.Failed };
                    if (step.Operation == Operation.LazyStar)
                    {
                        at += Width(place);
                        rounds = _rounds;
                        next--;
                    }

                    return true;
                case FrameKind.Failed:
                    _outcomes!.Set(step.State, frame.Rounds, frame.Place, frame.Other);
                    _height--;
                    break;
                case FrameKind.Look:
                    _barrier = frame.Other;
                    _outcomes?.Set(step.State, 0, frame.Place, 0);
                    _height--;
                    if (step.Operation == Operation.NegativeLook)
                    {
                        (at, rounds, next) = (frame.Place, frame.Rounds, step.Target);
                        return true;
                    }

                    break;
                case FrameKind.Atomic:
                    _barrier = frame.Other;
                    _height--;
                    break;
                default:
                    from = frame.Other;
                    _height--;
                    break;
            }
        }

        return false;
    }

    private readonly bool Holds(Operation operation, int at, int searchStart) => operation switch
    {
        Operation.LineStart => at == 0 || (at < _text.Length && _text[at - 1] == '\n'),
        Operation.LineEnd => at == _text.Length || _text[at] == '\n',
        Operation.TextStart => at == 0,
        Operation.TextEnd => at == _text.Length,
        Operation.TextEndOrLastNewline => at == _text.Length || (at == _text.Length - 1 && _text[at] == '\n'),
        Operation.SearchStart => at == searchStart,
        Operation.WordBoundary => IsWordBefore(at) != IsWordAt(at),
        Operation.NoWordBoundary => IsWordBefore(at) == IsWordAt(at),
        _ => throw new InvalidOperationException(operation.ToString()),
    };

    private readonly bool IsWordAt(int at) => at < _text.Length && ExpressionParser.LooseWord.Contains(CodeAt(at, out _));

    private readonly bool IsWordBefore(int at) => at > 0 && ExpressionParser.LooseWord.Contains(CodeBefore(at, out _));

    private readonly record struct Frame(FrameKind Kind, int Instruction, int Place, int Rounds, int Other);
}
