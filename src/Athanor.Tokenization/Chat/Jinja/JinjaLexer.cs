using System.Text;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>
/// Cuts a template into tokens, as Jinja does with <c>trim_blocks</c> and <c>lstrip_blocks</c>, which transformers sets: the line end after a block and the
/// blanks before it on its line are not printed; <c>-</c> takes all white space on its side, <c>+</c> leaves it. One line end at the template's end is dropped.
/// </summary>
internal sealed class JinjaLexer
{
    private static readonly string[] Operators = ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(", ")", "[", "]", "{", "}", ";"];

    private readonly string _text;
    private readonly List<JinjaToken> _tokens = [];
    private int _at;
    private int _line = 1;

    private JinjaLexer(string text) => _text = text;

    public static List<JinjaToken> Read(string template)
    {
        string text = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        JinjaLexer lexer = new(text.EndsWith('\n') ? text[..^1] : text);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        bool lineStarts = true;
        while (_at < _text.Length)
        {
            int tag = NextTag(_at);
            string data = _text[_at..tag];
            if (tag == _text.Length)
            {
                AddData(data);
                Advance(tag);
                break;
            }

            char kind = _text[tag + 1];
            char sign = tag + 2 < _text.Length ? _text[tag + 2] : '\0';
            AddData(sign == '-' ? data.TrimEnd() : sign != '+' && kind != '{' ? WithoutIndent(data, lineStarts) : data);
            Advance(tag + 2 + (sign is '-' or '+' ? 1 : 0));
            switch (kind)
            {
                case '#':
                    ReadComment();
                    break;
                case '%' when RawLength() is int raw and > 0:
                    Advance(_at + raw);
                    ReadRaw();
                    break;
                default:
                    ReadTag(kind == '{');
                    break;
            }

            lineStarts = _at > 0 && _text[_at - 1] == '\n';
        }

        Add(JinjaTokenKind.End, "");
    }

    private int NextTag(int from)
    {
        for (int at = from; (at = _text.IndexOf('{', at)) >= 0 && at + 1 < _text.Length; at++)
        {
            if (_text[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return _text.Length;
    }

    // the blanks between the line's beginning and a block
    private static string WithoutIndent(string data, bool lineStarts)
    {
        int line = data.LastIndexOf('\n') + 1;
        return (line > 0 || lineStarts) && data.AsSpan(line).IsWhiteSpace() ? data[..line] : data;
    }

    private void ReadComment()
    {
        int end = _text.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw JinjaFault.At(_line, "a comment has no end");
        }

        char sign = end > _at ? _text[end - 1] : '\0';
        Advance(end + 2);
        SkipAfterBlock(sign);
    }

    private void SkipAfterBlock(char sign)
    {
        int to = _at;
        if (sign == '-')
        {
            while (to < _text.Length && char.IsWhiteSpace(_text[to]))
            {
                to++;
            }
        }
        else if (sign != '+' && to < _text.Length && _text[to] == '\n')
        {
            to++;
        }

        Advance(to);
    }

    // how much of the text is a raw block's opening, from behind its {%
    private int RawLength()
    {
        int at = SkipBlanks(_at);
        if (!_text.AsSpan(at).StartsWith("raw"))
        {
            return 0;
        }

        at = SkipBlanks(at + 3);
        int sign = at < _text.Length && _text[at] is '-' or '+' ? 1 : 0;
        if (!_text.AsSpan(Math.Min(_text.Length, at + sign)).StartsWith("%}"))
        {
            return 0;
        }

        int end = at + sign + 2;
        if (sign == 1 && _text[at] == '-')
        {
            end = SkipBlanks(end);
        }
        else if (sign == 0 && end < _text.Length && _text[end] == '\n')
        {
            end++;
        }

        return end - _at;
    }

    private void ReadRaw()
    {
        for (int at = _at; (at = _text.IndexOf("{%", at, StringComparison.Ordinal)) >= 0; at += 2)
        {
            bool strip = at + 2 < _text.Length && _text[at + 2] == '-';
            bool keep = at + 2 < _text.Length && _text[at + 2] == '+';
            int name = SkipBlanks(at + (strip || keep ? 3 : 2));
            if (!_text.AsSpan(name).StartsWith("endraw"))
            {
                continue;
            }

            int end = SkipBlanks(name + 6);
            char sign = end < _text.Length && _text[end] is '-' or '+' ? _text[end++] : '\0';
            if (!_text.AsSpan(end).StartsWith("%}"))
            {
                continue;
            }

            string data = _text[_at..at];
            AddData(strip ? data.TrimEnd() : keep ? data : WithoutIndent(data, lineStarts: true));
            Advance(end + 2);
            SkipAfterBlock(sign);
            return;
        }

        throw JinjaFault.At(_line, "{% raw %} has no {% endraw %}");
    }

    private void ReadTag(bool print)
    {
        Add(print ? JinjaTokenKind.PrintBegin : JinjaTokenKind.BlockBegin, print ? "{{" : "{%");
        string end = print ? "}}" : "%}";
        int open = 0;
        while (true)
        {
            Advance(SkipBlanks(_at));
            ReadOnlySpan<char> rest = _text.AsSpan(_at);
            if (rest.IsEmpty)
            {
                throw JinjaFault.At(_line, $"a tag has no {end}");
            }

            char sign = rest[0] is '-' or '+' ? rest[0] : '\0';
            if (open == 0 && rest[(sign == '\0' ? 0 : 1)..].StartsWith(end) && !(print && sign == '+'))
            {
                Add(print ? JinjaTokenKind.PrintEnd : JinjaTokenKind.BlockEnd, end);
                Advance(_at + end.Length + (sign == '\0' ? 0 : 1));
                if (!print || sign == '-')
                {
                    SkipAfterBlock(sign);
                }

                return;
            }

            ReadToken(rest, ref open);
        }
    }

    private void ReadToken(ReadOnlySpan<char> rest, ref int open)
    {
        if (char.IsLetter(rest[0]) || rest[0] == '_')
        {
            int length = 1;
            while (length < rest.Length && (char.IsLetterOrDigit(rest[length]) || rest[length] == '_'))
            {
                length++;
            }

            Take(JinjaTokenKind.Name, rest[..length].ToString(), length);
        }
        else if (char.IsAsciiDigit(rest[0]))
        {
            ReadNumber(rest);
        }
        else if (rest[0] is '\'' or '"')
        {
            ReadString(rest);
        }
        else
        {
            string? symbol = null;
            foreach (string candidate in Operators)
            {
                if (rest.StartsWith(candidate))
                {
                    symbol = candidate;
                    break;
                }
            }

            open += symbol switch
            {
                "(" or "[" or "{" => 1,
                ")" or "]" or "}" => -1,
                null => throw JinjaFault.At(_line, $"the character {rest[0]} has no meaning here"),
                _ => 0,
            };
            if (open < 0)
            {
                throw JinjaFault.At(_line, $"{symbol} closes nothing");
            }

            Take(JinjaTokenKind.Operator, symbol, symbol.Length);
        }
    }

    private void ReadNumber(ReadOnlySpan<char> rest)
    {
        int length = Digits(rest, 0);
        bool fraction = false;
        // a.0.1 is an item of an item
        bool item = _tokens[^1].Is(".");
        if (!item && length + 1 < rest.Length && rest[length] == '.' && char.IsAsciiDigit(rest[length + 1]))
        {
            fraction = true;
            length = Digits(rest, length + 1);
        }

        if (!item && length < rest.Length && rest[length] is 'e' or 'E')
        {
            int exponent = length + 1 + (length + 1 < rest.Length && rest[length + 1] is '+' or '-' ? 1 : 0);
            if (exponent < rest.Length && char.IsAsciiDigit(rest[exponent]))
            {
                fraction = true;
                length = Digits(rest, exponent);
            }
        }

        Take(fraction ? JinjaTokenKind.Float : JinjaTokenKind.Integer, rest[..length].ToString().Replace("_", "", StringComparison.Ordinal), length);
    }

    private static int Digits(ReadOnlySpan<char> text, int from)
    {
        int at = from;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '_' && at > from && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))))
        {
            at++;
        }

        return at;
    }

    private void ReadString(ReadOnlySpan<char> rest)
    {
        StringBuilder text = new();
        int at = 1;
        while (true)
        {
            if (at >= rest.Length)
            {
                throw JinjaFault.At(_line, "a string has no end");
            }

            char letter = rest[at];
            if (letter == rest[0])
            {
                break;
            }

            if (letter == '\\' && at + 1 < rest.Length)
            {
                at += Escaped(rest[(at + 1)..], text) + 1;
            }
            else
            {
                text.Append(letter);
                at++;
            }
        }

        Take(JinjaTokenKind.String, text.ToString(), at + 1);
    }

    // Python's escapes; returns how many characters after the backslash belong to it
    private static int Escaped(ReadOnlySpan<char> rest, StringBuilder text)
    {
        int digits = rest[0] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (rest.Length > digits && int.TryParse(rest.Slice(1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out int code) && Rune.IsValid(code))
            {
                text.Append(new Rune(code).ToString());
                return digits + 1;
            }

            text.Append('\\').Append(rest[0]);
            return 1;
        }

        if (rest[0] is >= '0' and <= '7')
        {
            int length = 0;
            int code = 0;
            while (length < 3 && length < rest.Length && rest[length] is >= '0' and <= '7')
            {
                code = (code * 8) + rest[length++] - '0';
            }

            text.Append((char)code);
            return length;
        }

        string? meaning = rest[0] switch
        {
            'n' => "\n", 't' => "\t", 'r' => "\r", 'a' => "\a", 'b' => "\b", 'f' => "\f", 'v' => "\v", '\\' => "\\", '\'' => "'", '"' => "\"", '\n' => "", _ => null,
        };
        if (meaning is null)
        {
            text.Append('\\').Append(rest[0]);
        }

        text.Append(meaning);
        return 1;
    }

    private int SkipBlanks(int from)
    {
        while (from < _text.Length && char.IsWhiteSpace(_text[from]))
        {
            from++;
        }

        return Math.Min(from, _text.Length);
    }

    private void AddData(string data)
    {
        if (data.Length > 0)
        {
            Add(JinjaTokenKind.Data, data);
        }
    }

    private void Take(JinjaTokenKind kind, string text, int length)
    {
        Add(kind, text);
        Advance(_at + length);
    }

    private void Add(JinjaTokenKind kind, string text) => _tokens.Add(new JinjaToken(kind, text, _line));

    private void Advance(int to)
    {
        _line += _text.AsSpan(_at, to - _at).Count('\n');
        _at = to;
    }
}
