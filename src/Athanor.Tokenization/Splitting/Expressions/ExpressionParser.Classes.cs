using System.Text;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting.Expressions;

/// <content>Brackets, properties and types of characters.</content>
internal sealed partial class ExpressionParser
{
    private static readonly Lazy<CodePointSet> Loose = new(() => CharacterProperties.Word.Union(CodePointSet.Of([0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE])));

    private enum BracketState
    {
        Start,
        Value,
        Range,
        Complete,
    }

    /// <summary>Oniguruma: outside of brackets a word character below U+0100 is what is one in Latin-1, with raised digits and fractions.</summary>
    internal static CodePointSet LooseWord => Loose.Value;

    private static CodePointSet? TypeOf(int code)
    {
        CodePointSet? set = (code | 0x20) switch
        {
            'w' => CharacterProperties.Word,
            'd' => CharacterProperties.TryGet("digit", out CodePointSet digits) ? digits : null,
            's' => CharacterProperties.WhiteSpace,
            'h' => CharacterProperties.TryGet("xdigit", out CodePointSet hexadecimal) ? hexadecimal : null,
            _ => null,
        };
        return code < 'a' ? set?.Complement() : set;
    }

    // After \p or \P
    private CodePointSet ParseProperty(bool negative, bool loose)
    {
        _at++;
        if (Take('^'))
        {
            negative = !negative;
        }

        StringBuilder name = new();
        while (Next("the end of a property") is int code && code != '}')
        {
            name.Append(new Rune(code).ToString());
        }

        if (!CharacterProperties.TryGet(name.ToString(), out CodePointSet set))
        {
            throw Fault($"the property {name} is not known");
        }

        if (loose && ReferenceEquals(set, CharacterProperties.Word))
        {
            set = LooseWord;
        }

        return negative ? set.Complement() : set;
    }

    private Node ParseBracket()
    {
        CodePointSet set = ParseSet(out bool negative);
        if (!_options.HasFlag(Options.IgnoreCase))
        {
            return new Class(negative ? set.Complement() : set);
        }

        CodePointSet closed = CaseFolding.Close(set);
        if (negative)
        {
            return new Class(closed.Complement());
        }

        // (?i)[ß] finds ss too
        List<Node> branches = [new Class(closed)];
        foreach (int[] sequence in CaseFolding.Sequences(closed))
        {
            branches.Add(new Sequence([.. sequence.Select(code => new Class(CodePointSet.Of([.. CaseFolding.Equivalents(code)])))]));
        }

        return branches.Count == 1 ? branches[0] : new Choice(branches);
    }

    // After [
    private CodePointSet ParseSet(out bool negative)
    {
        if (++_depth > MaximumDepth)
        {
            throw Fault("brackets are nested too deeply");
        }

        negative = Take('^');
        CodePointSet set = CodePointSet.Empty;
        CodePointSet? left = null;
        BracketState state = BracketState.Start;
        int pending = -1;
        bool first = true;
        List<(int First, int Last)> ranges = [];

        void Add(int from, int to) => ranges.Add((from, to));
        void Flush()
        {
            if (pending >= 0)
            {
                Add(pending, pending);
            }

            pending = -1;
        }

        void Gather()
        {
            Flush();
            if (ranges.Count > 0)
            {
                set = set.Union(CodePointSet.OfRanges(ranges.Order()));
                ranges.Clear();
            }
        }

        void Value(int code)
        {
            if (state == BracketState.Range)
            {
                if (pending > code)
                {
                    throw Fault("a range that ends before it begins");
                }

                Add(pending, code);
                pending = -1;
                state = BracketState.Complete;
                return;
            }

            Flush();
            (pending, state) = (code, BracketState.Value);
        }

        void Members(CodePointSet members)
        {
            if (state == BracketState.Range)
            {
                throw Fault("a range that ends with a class of characters");
            }

            Gather();
            set = set.Union(members);
            state = BracketState.Value;
        }

        while (true)
        {
            int code = Next("the end of a bracket");
            switch (code)
            {
                case ']' when !(first && HasCloseAhead()):
                    if (first)
                    {
                        throw Fault("an empty bracket");
                    }

                    if (state == BracketState.Range)
                    {
                        Flush();
                        Add('-', '-');
                    }

                    Gather();
                    _depth--;
                    return left is null ? set : left.Intersect(set);
                case '-':
                    bool ends = !AtEnd && (_codes[_at] == ']' || IsAnd());
                    if (state != BracketState.Value || ends || pending < 0)
                    {
                        Value('-');
                    }
                    else
                    {
                        state = BracketState.Range;
                    }

                    break;
                case '[' when TryParsePosix() is CodePointSet posix:
                    Members(posix);
                    break;
                case '[':
                    Gather();
                    CodePointSet inner = ParseSet(out bool innerNegative);
                    set = set.Union(innerNegative ? inner.Complement() : inner);
                    state = BracketState.Complete;
                    break;
                case '&' when Take('&'):
                    Gather();
                    left = left is null ? set : left.Intersect(set);
                    set = CodePointSet.Empty;
                    state = BracketState.Start;
                    break;
                case '\\':
                    int escaped = AtEnd ? 0 : _codes[_at];
                    if (TypeOf(escaped) is CodePointSet type)
                    {
                        _at++;
                        Members(type);
                    }
                    else if (escaped is 'p' or 'P' && _at + 1 < _codes.Length && _codes[_at + 1] == '{')
                    {
                        _at++;
                        Members(ParseProperty(escaped == 'P', loose: false));
                    }
                    else if (escaped == 'b')
                    {
                        _at++;
                        Value('\b');
                    }
                    else
                    {
                        Value(ParseEscapedCharacter());
                    }

                    break;
                default:
                    Value(code);
                    break;
            }

            first = false;
        }
    }

    private bool IsAnd() => _at + 1 < _codes.Length && _codes[_at] == '&' && _codes[_at + 1] == '&';

    private bool HasCloseAhead()
    {
        for (int at = _at; at < _codes.Length; at++)
        {
            if (_codes[at] == '\\')
            {
                at++;
            }
            else if (_codes[at] == ']')
            {
                return true;
            }
        }

        return false;
    }

    // [:alpha:] after its first character
    private CodePointSet? TryParsePosix()
    {
        if (AtEnd || _codes[_at] != ':')
        {
            return null;
        }

        int start = _at + 1;
        int end = start;
        while (end + 1 < _codes.Length && end - start < 20 && !(_codes[end] == ':' && _codes[end + 1] == ']'))
        {
            if (_codes[end] is not ('^' or (>= 'a' and <= 'z')))
            {
                return null;
            }

            end++;
        }

        if (end + 1 >= _codes.Length || _codes[end] != ':' || _codes[end + 1] != ']')
        {
            return null;
        }

        bool negative = end > start && _codes[start] == '^';
        string name = string.Concat(_codes[(negative ? start + 1 : start)..end].Select(code => (char)code));
        if (name is not ("alnum" or "alpha" or "blank" or "cntrl" or "digit" or "graph" or "lower" or "print" or "punct" or "space" or "upper" or "xdigit" or "ascii" or "word")
            || !CharacterProperties.TryGet(name == "punct" ? "xposixpunct" : name, out CodePointSet set))
        {
            throw Fault($"the class of characters {name} is not known");
        }

        _at = end + 2;
        return negative ? set.Complement() : set;
    }
}
