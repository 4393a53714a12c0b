using System.Globalization;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Reads the statements of a template; expressions are in the other half.</summary>
internal sealed partial class JinjaParser
{
    private const int MaximumDepth = 100;

    private readonly List<JinjaToken> _tokens;
    private int _at;
    private int _depth;

    private JinjaParser(List<JinjaToken> tokens) => _tokens = tokens;

    private JinjaToken Current => _tokens[_at];

    public static IReadOnlyList<JinjaStatement> Parse(string template)
    {
        JinjaParser parser = new(JinjaLexer.Read(template));
        IReadOnlyList<JinjaStatement> body = parser.Body(out string? end);
        return end is null ? body : throw JinjaFault.At(parser.Current.Line, $"{{% {end} %}} ends nothing");
    }

    // statements up to one of the names, which is taken; the caller reads what follows it in the tag
    private List<JinjaStatement> Body(out string? end, params ReadOnlySpan<string> ends)
    {
        Enter();
        List<JinjaStatement> body = [];
        int begin = Current.Line;
        while (true)
        {
            JinjaToken token = Next();
            switch (token.Kind)
            {
                case JinjaTokenKind.End when ends.IsEmpty:
                    end = null;
                    _depth--;
                    return body;
                case JinjaTokenKind.End:
                    throw JinjaFault.At(begin, $"a block has no {{% {ends[^1]} %}}");
                case JinjaTokenKind.Data:
                    body.Add(new TextStatement(token.Line, token.Text));
                    break;
                case JinjaTokenKind.PrintBegin:
                    body.Add(new PrintStatement(token.Line, Tuple(conditional: true)));
                    Expect(JinjaTokenKind.PrintEnd, "}}");
                    break;
                default:
                    string name = Name("a block's name");
                    if (ends.Contains(name) || (ends.IsEmpty && name.StartsWith("end", StringComparison.Ordinal)))
                    {
                        end = name;
                        _depth--;
                        return body;
                    }

                    if (Statement(name, token.Line) is { } statement)
                    {
                        body.Add(statement);
                    }

                    break;
            }
        }
    }

    private List<JinjaStatement> BodyUntil(string end)
    {
        EndTag();
        List<JinjaStatement> body = Body(out _, end);
        EndTag();
        return body;
    }

    private JinjaStatement? Statement(string name, int line)
    {
        switch (name)
        {
            case "if":
                return If(line);
            case "for":
                return For(line);
            case "set":
                return Set(line);
            case "macro":
                return Macro(line);
            case "call":
                return CallBlock(line);
            case "filter":
                List<FilterExpression> filters = Filters();
                return new FilterBlockStatement(line, filters, BodyUntil("endfilter"));
            case "with":
                return With(line);
            case "generation":
                return new GenerationStatement(line, BodyUntil("endgeneration"));
            case "break" or "continue":
                EndTag();
                return new LeaveStatement(line, name == "break");
            default:
                throw JinjaFault.At(line, $"{{% {name} %}} is not known here");
        }
    }

    private IfStatement If(int line)
    {
        List<(JinjaExpression, IReadOnlyList<JinjaStatement>)> branches = [];
        List<JinjaStatement> rest = [];
        string? end = "elif";
        while (end == "elif")
        {
            JinjaExpression condition = Tuple(conditional: false);
            EndTag();
            branches.Add((condition, Body(out end, "elif", "else", "endif")));
        }

        if (end == "else")
        {
            EndTag();
            rest = Body(out _, "endif");
        }

        EndTag();
        return new IfStatement(line, branches, rest);
    }

    private ForStatement For(int line)
    {
        JinjaTarget target = Target(tuple: true);
        if (!TakeName("in"))
        {
            throw JinjaFault.At(line, $"for wants in, not {Current}");
        }

        JinjaExpression over = Tuple(conditional: false);
        JinjaExpression? filter = TakeName("if") ? Expression() : null;
        bool recursive = TakeName("recursive");
        EndTag();
        List<JinjaStatement> body = Body(out string? end, "else", "endfor");
        List<JinjaStatement> otherwise = [];
        if (end == "else")
        {
            EndTag();
            otherwise = Body(out _, "endfor");
        }

        EndTag();
        return new ForStatement(line, target, over, filter, recursive, body, otherwise);
    }

    private JinjaStatement Set(int line)
    {
        JinjaTarget target = Target(tuple: true);
        if (Take("="))
        {
            JinjaExpression value = Tuple(conditional: true);
            EndTag();
            return new SetStatement(line, target, value);
        }

        List<FilterExpression> filters = Take("|") ? Filters() : [];
        return new SetBlockStatement(line, target, filters, BodyUntil("endset"));
    }

    private MacroStatement Macro(int line)
    {
        string name = Name("a macro's name");
        List<(string, JinjaExpression?)> parameters = Parameters();
        return new MacroStatement(line, name, parameters, BodyUntil("endmacro"));
    }

    private CallBlockStatement CallBlock(int line)
    {
        List<(string, JinjaExpression?)> parameters = Current.Is("(") ? Parameters() : [];
        CallExpression call = Expression() as CallExpression ?? throw JinjaFault.At(line, "call wants a call");
        return new CallBlockStatement(line, call, new MacroStatement(line, "caller", parameters, BodyUntil("endcall")));
    }

    private WithStatement With(int line)
    {
        List<(JinjaTarget, JinjaExpression)> values = [];
        while (Current.Kind != JinjaTokenKind.BlockEnd)
        {
            if (values.Count > 0)
            {
                Expect(",");
            }

            JinjaTarget target = Target(tuple: false);
            Expect("=");
            values.Add((target, Expression()));
        }

        return new WithStatement(line, values, BodyUntil("endwith"));
    }

    private List<(string Name, JinjaExpression? Default)> Parameters()
    {
        List<(string, JinjaExpression?)> parameters = [];
        Expect("(");
        while (!Take(")"))
        {
            if (parameters.Count > 0)
            {
                Expect(",");
            }

            string name = Name("a parameter's name");
            parameters.Add((name, Take("=") ? Expression() : null));
        }

        return parameters;
    }

    private List<FilterExpression> Filters()
    {
        List<FilterExpression> filters = [];
        do
        {
            filters.Add(Filter(null));
        }
        while (Take("|"));
        return filters;
    }

    private JinjaTarget Target(bool tuple)
    {
        List<JinjaTarget> parts = [];
        bool several = false;
        do
        {
            if (parts.Count > 0 && (Current.IsName("in") || Current.Is("=")))
            {
                break;
            }

            if (Take("("))
            {
                JinjaTarget inner = Target(tuple: true);
                Expect(")");
                parts.Add(inner);
            }
            else
            {
                string name = Name("a name");
                if (name is "true" or "false" or "none" or "True" or "False" or "None")
                {
                    throw JinjaFault.At(Current.Line, $"{name} cannot be given a value");
                }

                parts.Add(new JinjaTarget(name, Take(".") ? Name("an attribute") : null, null));
            }
        }
        while (tuple && Take(",") && (several = true));
        return several ? new JinjaTarget(null, null, parts) : parts[0];
    }

    private JinjaToken Next()
    {
        JinjaToken token = _tokens[_at];
        if (_at < _tokens.Count - 1)
        {
            _at++;
        }

        return token;
    }

    private void Enter()
    {
        if (++_depth > MaximumDepth)
        {
            throw JinjaFault.At(Current.Line, $"it is nested more than {MaximumDepth} deep");
        }
    }

    private bool Take(string symbol)
    {
        bool found = Current.Is(symbol);
        _at += found ? 1 : 0;
        return found;
    }

    private bool TakeName(string name)
    {
        bool found = Current.IsName(name);
        _at += found ? 1 : 0;
        return found;
    }

    private string Name(string what)
    {
        JinjaToken token = Next();
        return token.Kind == JinjaTokenKind.Name ? token.Text : throw JinjaFault.At(token.Line, $"{what} is expected, not {token}");
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw JinjaFault.At(Current.Line, $"{symbol} is expected, not {Current}");
        }
    }

    private void Expect(JinjaTokenKind kind, string symbol)
    {
        JinjaToken token = Next();
        if (token.Kind != kind)
        {
            throw JinjaFault.At(token.Line, $"{symbol} is expected, not {token}");
        }
    }

    private void EndTag() => Expect(JinjaTokenKind.BlockEnd, "%}");

    private static object Number(JinjaToken token) => token.Kind == JinjaTokenKind.Float
        ? (object)double.Parse(token.Text, CultureInfo.InvariantCulture)
        : long.TryParse(token.Text, CultureInfo.InvariantCulture, out long value) ? value : throw JinjaFault.At(token.Line, $"the number {token.Text} is too large");
}
