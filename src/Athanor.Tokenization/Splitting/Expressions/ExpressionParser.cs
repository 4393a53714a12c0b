using System.Text;
using Athanor.Core.Errors;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>Reads the syntax of Oniguruma 6.9 (its doc/RE, <c>ONIG_SYNTAX_ONIGURUMA</c>).</summary>
internal sealed partial class ExpressionParser
{
    private const int MaximumDepth = 250;
    private const int MaximumRepeat = 100_000;

    private static readonly CodePointSet Newline = CodePointSet.Of('\n', '\n');

    private readonly string _pattern;
    private readonly int[] _codes;
    private int _at;
    private int _depth;
    private Options _options;

    /// <summary>Begins at the beginning.</summary>
    public ExpressionParser(string pattern)
    {
        _pattern = pattern;
        _codes = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];
    }

    [Flags]
    private enum Options
    {
        None = 0,
        IgnoreCase = 1,
        DotMatchesNewline = 2,
        Extended = 4,
    }

    private bool AtEnd => _at == _codes.Length;

    /// <summary>Reads the whole expression.</summary>
    /// <exception cref="AthanorException">It is none, or has a part that is not read here.</exception>
    public Node Parse()
    {
        Node node = ParseChoice();
        return AtEnd ? node : throw Fault("a closing parenthesis without an opening one");
    }

    private AthanorException Fault(string what) => new($"expression {_pattern}, character {_at + 1}: {what}", "write the expression in the syntax of Oniguruma (Ruby)");

    private AthanorException Unread(string what) =>
        new($"expression {_pattern}, character {_at + 1}: {what} are not supported", "write the expression without them");

    private bool Take(int code)
    {
        if (AtEnd || _codes[_at] != code)
        {
            return false;
        }

        _at++;
        return true;
    }

    private int Next(string expected) => AtEnd ? throw Fault($"{expected} is missing") : _codes[_at++];

    private Node ParseChoice()
    {
        if (++_depth > MaximumDepth)
        {
            throw Fault("groups are nested too deeply");
        }

        Options options = _options;
        List<Node> branches = [ParseSequence()];
        while (Take('|'))
        {
            branches.Add(ParseSequence());
        }

        _options = options;
        _depth--;
        return branches.Count == 1 ? branches[0] : new Choice(branches);
    }

    private Sequence ParseSequence()
    {
        List<Node> parts = [];
        while (!AtEnd && _codes[_at] is not ('|' or ')'))
        {
            if (SkipComment())
            {
                continue;
            }

            if (IsolatedOptions() is Node rest)
            {
                // What follows up to the end of the group, branches and all, is under the options
                parts.Add(rest);
                break;
            }

            Node atom = ParseAtom();
            while (SkipComment())
            {
            }

            Node repeated = ParseQuantifiers(atom);
            Append(parts, repeated, joins: ReferenceEquals(repeated, atom));
            if (ReferenceEquals(repeated, atom) && atom is Literal)
            {
                MergeLast(parts);
            }
        }

        return new Sequence(parts);
    }

    private static void Append(List<Node> parts, Node part, bool joins)
    {
        // (?:ab)c is abc, and case folding may take bc together
        if (joins && part is Sequence sequence)
        {
            foreach (Node inner in sequence.Parts)
            {
                parts.Add(inner);
                MergeLast(parts);
            }
        }
        else
        {
            parts.Add(part);
        }
    }

    private static void MergeLast(List<Node> parts)
    {
        if (parts.Count >= 2 && parts[^1] is Literal last && parts[^2] is Literal before && last.FoldsCase == before.FoldsCase)
        {
            parts.RemoveAt(parts.Count - 1);
            parts[^1] = new Literal([.. before.Codes, .. last.Codes], last.FoldsCase);
        }
    }

    // Comments, and in extended form white space
    private bool SkipComment()
    {
        if (AtEnd)
        {
            return false;
        }

        if (_options.HasFlag(Options.Extended))
        {
            if (_codes[_at] is ' ' or (>= '\t' and <= '\r'))
            {
                _at++;
                return true;
            }

            if (_codes[_at] == '#')
            {
                while (!AtEnd && _codes[_at++] != '\n')
                {
                }

                return true;
            }
        }

        if (_codes[_at] == '(' && _at + 2 < _codes.Length && _codes[_at + 1] == '?' && _codes[_at + 2] == '#')
        {
            _at += 3;
            while (Next("the end of a comment") is int code && code != ')')
            {
                if (code == '\\' && !AtEnd)
                {
                    _at++;
                }
            }

            return true;
        }

        return false;
    }

    // (?i) and the like: the rest of the group
    private Node? IsolatedOptions()
    {
        int start = _at;
        if (_codes[_at] != '(' || _at + 2 >= _codes.Length || _codes[_at + 1] != '?' || _codes[_at + 2] is not ('-' or 'i' or 'm' or 'x'))
        {
            return null;
        }

        _at += 2;
        Options options = ParseOptions();
        if (!Take(')'))
        {
            _at = start;
            return null;
        }

        Options before = _options;
        _options = options;
        Node rest = ParseChoice();
        _options = before;
        return rest;
    }

    private Options ParseOptions()
    {
        Options options = _options;
        bool off = false;
        while (!AtEnd && _codes[_at] is not (')' or ':'))
        {
            Options option = _codes[_at] switch
            {
                'i' => Options.IgnoreCase,
                'm' => Options.DotMatchesNewline,
                'x' => Options.Extended,
                '-' => Options.None,
                'W' or 'D' or 'S' or 'P' or 'y' or 'C' or 'I' or 'L' => throw Unread("options other than i, m and x"),
                _ => throw Fault("this is not an option of a group"),
            };
            off |= option == Options.None;
            options = off ? options & ~option : options | option;
            _at++;
        }

        return options;
    }

    private Node ParseQuantifiers(Node node)
    {
        while (!AtEnd)
        {
            int minimum, maximum;
            bool possessive = false, lazy = false;
            switch (_codes[_at])
            {
                case '*':
                    (minimum, maximum) = (0, Repeat.Unbounded);
                    _at++;
                    break;
                case '+':
                    (minimum, maximum) = (1, Repeat.Unbounded);
                    _at++;
                    break;
                case '?':
                    (minimum, maximum) = (0, 1);
                    _at++;
                    break;
                case '{' when TryParseInterval(out minimum, out maximum, out bool exact):
                    possessive = minimum > maximum;
                    if (possessive)
                    {
                        (minimum, maximum) = (maximum, minimum);
                    }

                    // a{2}? is (?:a{2})?, and a{1,2}+ is (?:a{1,2})+
                    lazy = !exact && !possessive && Take('?');
                    node = Repeated(node, minimum, maximum, lazy, possessive);
                    continue;
                default:
                    return node;
            }

            lazy = Take('?');
            possessive = !lazy && Take('+');
            node = Repeated(node, minimum, maximum, lazy, possessive);
            while (SkipComment())
            {
            }
        }

        return node;
    }

    private static Node Repeated(Node node, int minimum, int maximum, bool lazy, bool possessive)
    {
        if (minimum == 1 && maximum == 1)
        {
            return new Group(node);
        }

        Repeat repeat = new(node, minimum, maximum, lazy);
        return possessive ? new Atomic(repeat) : repeat;
    }

    private bool TryParseInterval(out int minimum, out int maximum, out bool exact)
    {
        int start = _at++;
        int? low = ParseNumber();
        exact = false;
        if (Take(','))
        {
            int? high = ParseNumber();
            (minimum, maximum) = (low ?? 0, high ?? Repeat.Unbounded);
            if ((low is not null || high is not null) && Take('}'))
            {
                return true;
            }
        }
        else
        {
            (minimum, maximum, exact) = (low ?? 0, low ?? 0, true);
            if (low is not null && Take('}'))
            {
                return true;
            }
        }

        _at = start;
        return false;
    }

    private int? ParseNumber()
    {
        int? number = null;
        while (!AtEnd && _codes[_at] is >= '0' and <= '9')
        {
            number = ((number ?? 0) * 10) + (_codes[_at++] - '0');
            if (number > MaximumRepeat)
            {
                throw Fault($"a number of repeats above {MaximumRepeat}");
            }
        }

        return number;
    }

    private Node ParseAtom()
    {
        int code = _codes[_at];
        switch (code)
        {
            case '(':
                _at++;
                return ParseGroup();
            case '[':
                _at++;
                return ParseBracket();
            case '.':
                _at++;
                return new Class(_options.HasFlag(Options.DotMatchesNewline) ? CodePointSet.All : Newline.Complement());
            case '^':
                _at++;
                return new Assertion(Operation.LineStart);
            case '$':
                _at++;
                return new Assertion(Operation.LineEnd);
            case '\\':
                _at++;
                return ParseEscape();
            case '*' or '+' or '?':
                throw Fault("a quantifier without something to repeat");
            case '{':
                if (TryParseInterval(out _, out _, out _))
                {
                    throw Fault("a quantifier without something to repeat");
                }

                break;
            default:
                break;
        }

        _at++;
        return Character(code);
    }

    private Literal Character(int code)
    {
        if (!_options.HasFlag(Options.IgnoreCase))
        {
            return new Literal([code], false);
        }

        return new Literal(CaseFolding.TryFold(code, out int[] folded) ? folded : [code], true);
    }

    private Node ParseGroup()
    {
        if (!Take('?'))
        {
            return AtEnd || _codes[_at] != '*' ? new Group(Close()) : throw Unread("callouts");
        }

        switch (Next("the kind of a group"))
        {
            case ':':
                return Close();
            case '=':
                return new Look(Close(), Behind: false, Negative: false);
            case '!':
                return new Look(Close(), Behind: false, Negative: true);
            case '>':
                return new Atomic(Close());
            case '<' when Take('='):
                return new Look(Close(), Behind: true, Negative: false);
            case '<' when Take('!'):
                return new Look(Close(), Behind: true, Negative: true);
            case '<':
                return NamedGroup('>');
            case '\'':
                return NamedGroup('\'');
            case '~':
                throw Unread("absent functions");
            case '(':
                throw Unread("conditions");
            case '{':
                throw Unread("callouts");
            default:
                _at--;
                Options before = _options;
                Options options = ParseOptions();
                if (!Take(':'))
                {
                    throw Fault("the kind of group is missing after (?");
                }

                _options = options;
                Node body = Close();
                _options = before;
                return body;
        }
    }

    private Group NamedGroup(int end)
    {
        int start = _at;
        while (Next("the end of a group's name") is int code && code != end)
        {
            if (!CharacterProperties.Word.Contains(code) || (_at == start + 1 && code is >= '0' and <= '9'))
            {
                throw Fault("a group's name begins with a letter and has letters, digits and underscores");
            }
        }

        return _at == start + 1 ? throw Fault("a group without a name") : new Group(Close());
    }

    private Node Close()
    {
        Node body = ParseChoice();
        return Take(')') ? body : throw Fault("a closing parenthesis is missing");
    }

    private Node ParseEscape()
    {
        int code = Next("what is escaped");
        switch (code)
        {
            case 'w':
                return new Class(LooseWord);
            case 'W':
                return new Class(LooseWord.Complement());
            case 'd' or 'D' or 's' or 'S' or 'h' or 'H':
                return new Class(TypeOf(code)!);
            case 'p' or 'P' when !AtEnd && _codes[_at] == '{':
                return new Class(ParseProperty(code == 'P', loose: true));
            case 'R':
                return new Atomic(new Choice([new Literal(['\r', '\n'], false), new Class(CodePointSet.OfRanges([('\n', '\r'), (0x85, 0x85), (0x2028, 0x2029)]))]));
            case 'N':
                return new Class(Newline.Complement());
            case 'O':
                return new Class(CodePointSet.All);
            case 'X':
                return new Assertion(Operation.Cluster);
            case 'K':
                return new Assertion(Operation.Keep);
            case 'A':
                return new Assertion(Operation.TextStart);
            case 'z':
                return new Assertion(Operation.TextEnd);
            case 'Z':
                return new Assertion(Operation.TextEndOrLastNewline);
            case 'G':
                return new Assertion(Operation.SearchStart);
            case 'b':
                return new Assertion(Operation.WordBoundary);
            case 'B':
                return new Assertion(Operation.NoWordBoundary);
            case 'y' or 'Y':
                throw Unread("boundaries of text segments");
            case 'k' when !AtEnd && _codes[_at] is '<' or '\'':
                throw Unread("back-references");
            case 'g' when !AtEnd && _codes[_at] is '<' or '\'':
                throw Unread("calls of groups");
            case >= '1' and <= '9':
                throw Unread("back-references");
            case 'x' when Take('{'):
                return ParseCodePoints(16);
            case 'o' when Take('{'):
                return ParseCodePoints(8);
            default:
                _at--;
                return Character(ParseEscapedCharacter());
        }
    }

    // \x{61 62}: characters in a row
    private Node ParseCodePoints(int numberBase)
    {
        List<Node> characters = [];
        do
        {
            while (Take(' ') || Take('\n'))
            {
            }

            if (!AtEnd && _codes[_at] == '}' && characters.Count > 0)
            {
                break;
            }

            characters.Add(Character(ParseDigits(numberBase, 1, 11)));
            MergeLast(characters);
        }
        while (!AtEnd && _codes[_at] is ' ' or '\n');
        return !Take('}') ? throw Fault("the end of a code point is missing") : characters.Count == 1 ? characters[0] : new Sequence(characters);
    }

    private int ParseDigits(int numberBase, int least, int most)
    {
        int start = _at;
        long value = 0;
        while (_at < _codes.Length && _at - start < most && DigitOf(_codes[_at]) is int digit && digit < numberBase)
        {
            value = Math.Min((value * numberBase) + digit, CodePointSet.Limit);
            _at++;
        }

        return _at - start >= least && value < CodePointSet.Limit ? (int)value : throw Fault("this is not a code point");
    }

    private static int DigitOf(int code) => code switch
    {
        >= '0' and <= '9' => code - '0',
        >= 'a' and <= 'f' => code - 'a' + 10,
        >= 'A' and <= 'F' => code - 'A' + 10,
        _ => int.MaxValue,
    };

    // What follows a backslash where it is one character, in brackets and outside
    private int ParseEscapedCharacter()
    {
        int code = Next("what is escaped");
        switch (code)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case 'x' when Take('{'):
                int point = ParseDigits(16, 1, 8);
                return Take('}') ? point : throw Fault("the end of a code point is missing");
            case 'o' when Take('{'):
                point = ParseDigits(8, 1, 11);
                return Take('}') ? point : throw Fault("the end of a code point is missing");
            case 'x':
                return ParseBytes(ParseDigits(16, 0, 2));
            case 'u':
                return ParseDigits(16, 4, 4);
            case >= '0' and <= '7':
                _at--;
                return ParseBytes(ParseDigits(8, 1, 3));
            case 'c':
                return Control(Next("a control character"));
            case 'C':
                return Take('-') ? Control(Next("a control character")) : throw Fault("this is not a control character");
            case 'M' when !AtEnd && _codes[_at] == '-':
                throw Unread("meta characters");
            default:
                return code;
        }
    }

    private int Control(int code)
    {
        if (code == '\\')
        {
            code = ParseEscapedCharacter();
        }

        return code == '?' ? 0x7F : code & 0x9F;
    }

    // \xE2\x96\x81: the bytes of a character's UTF-8
    private int ParseBytes(int first)
    {
        if (first < 0x80)
        {
            return first;
        }

        List<byte> bytes = [(byte)first];
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        while (bytes.Count < length && _at + 1 < _codes.Length && _codes[_at] == '\\' && (_codes[_at + 1] == 'x' || _codes[_at + 1] is >= '0' and <= '7'))
        {
            _at += _codes[_at + 1] == 'x' ? 2 : 1;
            bytes.Add((byte)ParseDigits(_codes[_at - 1] == 'x' ? 16 : 8, 1, _codes[_at - 1] == 'x' ? 2 : 3));
        }

        return Rune.DecodeFromUtf8([.. bytes], out Rune rune, out int used) == System.Buffers.OperationStatus.Done && used == bytes.Count
            ? rune.Value
            : throw Fault("these bytes are not a character in UTF-8");
    }
}
