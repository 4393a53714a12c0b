namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Expressions, by Jinja's grammar and precedence.</summary>
internal sealed partial class JinjaParser
{
    // several expressions with commas between are a tuple
    private JinjaExpression Tuple(bool conditional, string? closing = null)
    {
        int line = Current.Line;
        List<JinjaExpression> items = [];
        bool comma = false;
        while (!EndsTuple(closing))
        {
            items.Add(conditional ? Expression() : Or());
            if (!Take(","))
            {
                break;
            }

            comma = true;
        }

        return comma || (items.Count == 0 && closing is not null) ? new TupleExpression(line, items)
            : items.Count == 1 ? items[0]
            : throw JinjaFault.At(line, $"an expression is expected, not {Current}");
    }

    private bool EndsTuple(string? closing) => Current.Kind is JinjaTokenKind.PrintEnd or JinjaTokenKind.BlockEnd or JinjaTokenKind.End || (closing is not null && Current.Is(closing));

    private JinjaExpression Expression()
    {
        Enter();
        int line = Current.Line;
        JinjaExpression value = Or();
        while (TakeName("if"))
        {
            JinjaExpression condition = Or();
            value = new ConditionalExpression(line, condition, value, TakeName("else") ? Expression() : null);
        }

        _depth--;
        return value;
    }

    private JinjaExpression Or()
    {
        JinjaExpression left = And();
        while (Current.IsName("or"))
        {
            int line = Next().Line;
            left = new BinaryExpression(line, "or", left, And());
        }

        return left;
    }

    private JinjaExpression And()
    {
        JinjaExpression left = Not();
        while (Current.IsName("and"))
        {
            int line = Next().Line;
            left = new BinaryExpression(line, "and", left, Not());
        }

        return left;
    }

    private JinjaExpression Not()
    {
        if (!Current.IsName("not"))
        {
            return Compare();
        }

        Enter();
        int line = Next().Line;
        UnaryExpression not = new(line, "not", Not());
        _depth--;
        return not;
    }

    private JinjaExpression Compare()
    {
        int line = Current.Line;
        JinjaExpression first = Sum();
        List<(string, JinjaExpression)> others = [];
        while (true)
        {
            JinjaToken token = Current;
            string? comparison = token.Kind switch
            {
                JinjaTokenKind.Operator when token.Text is "==" or "!=" or "<" or "<=" or ">" or ">=" => token.Text,
                JinjaTokenKind.Name when token.Text == "in" => "in",
                JinjaTokenKind.Name when token.Text == "not" && _tokens[Math.Min(_at + 1, _tokens.Count - 1)].IsName("in") => "not in",
                _ => null,
            };
            if (comparison is null)
            {
                return others.Count == 0 ? first : new CompareExpression(line, first, others);
            }

            _at += comparison == "not in" ? 2 : 1;
            others.Add((comparison, Sum()));
        }
    }

    private JinjaExpression Sum()
    {
        JinjaExpression left = Concatenation();
        while (Current.Is("+") || Current.Is("-"))
        {
            JinjaToken sign = Next();
            left = new BinaryExpression(sign.Line, sign.Text, left, Concatenation());
        }

        return left;
    }

    private JinjaExpression Concatenation()
    {
        JinjaExpression left = Product();
        while (Current.Is("~"))
        {
            int line = Next().Line;
            left = new BinaryExpression(line, "~", left, Product());
        }

        return left;
    }

    private JinjaExpression Product()
    {
        JinjaExpression left = Power();
        while (Current.Is("*") || Current.Is("/") || Current.Is("//") || Current.Is("%"))
        {
            JinjaToken sign = Next();
            left = new BinaryExpression(sign.Line, sign.Text, left, Power());
        }

        return left;
    }

    private JinjaExpression Power()
    {
        JinjaExpression left = Unary(filters: true);
        while (Current.Is("**"))
        {
            int line = Next().Line;
            left = new BinaryExpression(line, "**", left, Unary(filters: true));
        }

        return left;
    }

    private JinjaExpression Unary(bool filters)
    {
        Enter();
        JinjaExpression value;
        if (Current.Is("-") || Current.Is("+"))
        {
            JinjaToken sign = Next();
            value = new UnaryExpression(sign.Line, sign.Text, Unary(filters: false));
        }
        else
        {
            value = Primary();
        }

        value = Postfix(value);
        while (filters)
        {
            if (Take("|"))
            {
                value = Filter(value);
            }
            else if (Current.IsName("is"))
            {
                value = Test(value);
            }
            else if (Current.Is("("))
            {
                value = new CallExpression(Current.Line, value, Arguments());
            }
            else
            {
                break;
            }
        }

        _depth--;
        return value;
    }

    private JinjaExpression Primary()
    {
        JinjaToken token = Next();
        switch (token.Kind)
        {
            case JinjaTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new ConstantExpression(token.Line, true),
                    "false" or "False" => new ConstantExpression(token.Line, false),
                    "none" or "None" => new ConstantExpression(token.Line, null),
                    _ => new NameExpression(token.Line, token.Text),
                };
            case JinjaTokenKind.String:
                string text = token.Text;
                while (Current.Kind == JinjaTokenKind.String)
                {
                    text += Next().Text;
                }

                return new ConstantExpression(token.Line, text);
            case JinjaTokenKind.Integer or JinjaTokenKind.Float:
                return new ConstantExpression(token.Line, Number(token));
            case JinjaTokenKind.Operator when token.Text == "(":
                JinjaExpression inner = Tuple(conditional: true, ")");
                Expect(")");
                return inner;
            case JinjaTokenKind.Operator when token.Text == "[":
                List<JinjaExpression> items = [];
                while (!Take("]"))
                {
                    if (items.Count > 0)
                    {
                        Expect(",");
                        if (Take("]"))
                        {
                            break;
                        }
                    }

                    items.Add(Expression());
                }

                return new ListExpression(token.Line, items);
            case JinjaTokenKind.Operator when token.Text == "{":
                return Map(token.Line);
            default:
                throw JinjaFault.At(token.Line, $"a value is expected, not {token}");
        }
    }

    private MapExpression Map(int line)
    {
        List<(JinjaExpression, JinjaExpression)> entries = [];
        while (!Take("}"))
        {
            if (entries.Count > 0)
            {
                Expect(",");
                if (Take("}"))
                {
                    break;
                }
            }

            JinjaExpression key = Expression();
            Expect(":");
            entries.Add((key, Expression()));
        }

        return new MapExpression(line, entries);
    }

    private JinjaExpression Postfix(JinjaExpression value)
    {
        while (true)
        {
            int line = Current.Line;
            if (Take("."))
            {
                JinjaToken name = Next();
                value = name.Kind switch
                {
                    JinjaTokenKind.Name => new AttributeExpression(line, value, name.Text),
                    JinjaTokenKind.Integer => new ItemExpression(line, value, new ConstantExpression(line, Number(name))),
                    _ => throw JinjaFault.At(name.Line, $"an attribute is expected, not {name}"),
                };
            }
            else if (Take("["))
            {
                value = Subscript(value, line);
                Expect("]");
            }
            else if (Current.Is("("))
            {
                value = new CallExpression(line, value, Arguments());
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression Subscript(JinjaExpression of, int line)
    {
        JinjaExpression? from = Current.Is(":") ? null : Tuple(conditional: true, "]");
        if (!Take(":"))
        {
            return new ItemExpression(line, of, from!);
        }

        JinjaExpression? to = Current.Is(":") || Current.Is("]") ? null : Expression();
        JinjaExpression? step = Take(":") && !Current.Is("]") ? Expression() : null;
        return new SliceExpression(line, of, from, to, step);
    }

    private FilterExpression Filter(JinjaExpression? of)
    {
        int line = Current.Line;
        string name = DottedName();
        return new FilterExpression(line, of, name, Current.Is("(") ? Arguments() : JinjaArgumentList.Empty);
    }

    private TestExpression Test(JinjaExpression of)
    {
        int line = Next().Line;
        bool negated = TakeName("not");
        string name = DottedName();
        JinjaToken next = Current;
        JinjaArgumentList arguments = JinjaArgumentList.Empty;
        if (next.Is("("))
        {
            arguments = Arguments();
        }
        else if (next.Kind is JinjaTokenKind.String or JinjaTokenKind.Integer or JinjaTokenKind.Float || next.Is("[") || next.Is("{")
            || (next.Kind == JinjaTokenKind.Name && next.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not" or "recursive")))
        {
            arguments = new JinjaArgumentList([Postfix(Primary())], []);
        }

        return new TestExpression(line, of, name, arguments, negated);
    }

    private string DottedName()
    {
        string name = Name("a name");
        while (Take("."))
        {
            name += $".{Name("a name")}";
        }

        return name;
    }

    private JinjaArgumentList Arguments()
    {
        List<JinjaExpression> positional = [];
        List<(string, JinjaExpression)> named = [];
        JinjaExpression? rest = null;
        JinjaExpression? namedRest = null;
        Expect("(");
        bool first = true;
        while (!Take(")"))
        {
            if (!first)
            {
                Expect(",");
                if (Take(")"))
                {
                    break;
                }
            }

            first = false;
            if (Take("**"))
            {
                namedRest = Expression();
            }
            else if (Take("*"))
            {
                rest = Expression();
            }
            else if (Current.Kind == JinjaTokenKind.Name && _tokens[_at + 1].Is("="))
            {
                string name = Name("a name");
                _at++;
                named.Add((name, Expression()));
            }
            else
            {
                positional.Add(named.Count == 0 ? Expression() : throw JinjaFault.At(Current.Line, "an argument without a name stands after one with a name"));
            }
        }

        return new JinjaArgumentList(positional, named, rest, namedRest);
    }
}
