using System.Text;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Runs the statements of a template.</summary>
internal sealed class JinjaRenderer(JinjaEvaluator evaluator, StringBuilder whole)
{
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>The ranges that generation blocks printed.</summary>
    public List<Range> Generated { get; } = [];

    public void Run(IReadOnlyList<JinjaStatement> body, JinjaScope scope, StringBuilder output) => Execute(body, scope, output);

    private Flow Execute(IReadOnlyList<JinjaStatement> body, JinjaScope scope, StringBuilder output)
    {
        foreach (JinjaStatement statement in body)
        {
            if (Execute(statement, scope, output) is var flow and not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Execute(JinjaStatement statement, JinjaScope scope, StringBuilder output)
    {
        evaluator.Work.Enter();
        evaluator.Work.Step();
        Flow flow = Flow.Next;
        switch (statement)
        {
            case TextStatement text:
                Print(text.Text, output);
                break;
            case PrintStatement print:
                Print(JinjaValue.Text(evaluator.Evaluate(print.Value, scope)), output);
                break;
            case IfStatement choice:
                flow = Execute(Branch(choice, scope), scope, output);
                break;
            case ForStatement loop:
                Loop(loop, evaluator.Evaluate(loop.Over, scope), scope, output, 0);
                break;
            case SetStatement set:
                Assign(set.Target, evaluator.Evaluate(set.Value, scope), scope);
                break;
            case SetBlockStatement set:
                Assign(set.Target, Filtered(set.Filters, Captured(set.Body, new JinjaScope(scope)), scope), scope);
                break;
            case FilterBlockStatement filter:
                Print(JinjaValue.Text(Filtered(filter.Filters, Captured(filter.Body, new JinjaScope(scope)), scope)), output);
                break;
            case WithStatement with:
                JinjaScope inner = new(scope);
                foreach ((JinjaTarget target, JinjaExpression value) in with.Values)
                {
                    Assign(target, evaluator.Evaluate(value, scope), inner);
                }

                flow = Execute(with.Body, inner, output);
                break;
            case MacroStatement macro:
                scope.Set(macro.Name, Macro(macro, scope));
                break;
            case CallBlockStatement call:
                Print(JinjaValue.Text(CallWith(call, scope)), output);
                break;
            case GenerationStatement generation:
                int begin = output.Length;
                flow = Execute(generation.Body, new JinjaScope(scope), output);
                if (ReferenceEquals(output, whole))
                {
                    Generated.Add(begin..output.Length);
                }

                break;
            case LeaveStatement leave:
                flow = leave.Loop ? Flow.Break : Flow.Continue;
                break;
            default:
                throw new InvalidOperationException($"no statement is a {statement.GetType().Name}");
        }

        evaluator.Work.Leave();
        return flow;
    }

    private IReadOnlyList<JinjaStatement> Branch(IfStatement choice, JinjaScope scope)
    {
        foreach ((JinjaExpression condition, IReadOnlyList<JinjaStatement> body) in choice.Branches)
        {
            if (JinjaValue.IsTrue(evaluator.Evaluate(condition, scope)))
            {
                return body;
            }
        }

        return choice.Else;
    }

    private void Loop(ForStatement loop, object? over, JinjaScope scope, StringBuilder output, int depth)
    {
        IReadOnlyList<object?> items = JinjaValue.Items(over);
        evaluator.Work.Items(items.Count);
        if (loop.Filter is { } filter)
        {
            items = [.. items.Where(item =>
            {
                JinjaScope asked = new(scope);
                Assign(loop.Target, item, asked);
                return JinjaValue.IsTrue(evaluator.Evaluate(filter, asked));
            })];
        }

        JinjaFunction? again = null;
        if (loop.Recursive)
        {
            again = call =>
            {
                StringBuilder inner = new();
                evaluator.Work.Enter();
                Loop(loop, call.Get(0, "iterable"), scope, inner, depth + 1);
                evaluator.Work.Leave();
                return inner.ToString();
            };
        }

        JinjaLoop state = new(items, depth, again);
        for (int at = 0; at < items.Count; at++)
        {
            state.Index = at;
            JinjaScope inner = new(scope);
            inner.Set("loop", state);
            Assign(loop.Target, items[at], inner);
            if (Execute(loop.Body, inner, output) == Flow.Break)
            {
                break;
            }
        }

        if (items.Count == 0)
        {
            Execute(loop.Else, new JinjaScope(scope), output);
        }
    }

    private static void Assign(JinjaTarget target, object? value, JinjaScope scope)
    {
        if (target.Parts is { } parts)
        {
            IReadOnlyList<object?> items = JinjaValue.Items(value);
            if (items.Count != parts.Count)
            {
                throw JinjaFault.Of($"{parts.Count} names cannot take {items.Count} values");
            }

            for (int at = 0; at < parts.Count; at++)
            {
                Assign(parts[at], items[at], scope);
            }
        }
        else if (target.Attribute is { } attribute)
        {
            JinjaNamespace space = scope.Find(target.Name!, out object? found) && found is JinjaNamespace known ? known : throw JinjaFault.Of($"{target.Name} is no namespace, so {attribute} cannot be set in it");
            space.Attributes[attribute] = value;
        }
        else
        {
            scope.Set(target.Name!, value);
        }
    }

    private object? Filtered(IReadOnlyList<FilterExpression> filters, string text, JinjaScope scope)
    {
        object? value = text;
        foreach (FilterExpression filter in filters)
        {
            value = evaluator.Filter(filter, value, scope);
        }

        return value;
    }

    private string Captured(IReadOnlyList<JinjaStatement> body, JinjaScope scope)
    {
        StringBuilder output = new();
        Execute(body, scope, output);
        return output.ToString();
    }

    private JinjaFunction Macro(MacroStatement macro, JinjaScope defined) => call =>
    {
        JinjaScope scope = new(defined);
        for (int at = 0; at < macro.Parameters.Count; at++)
        {
            (string name, JinjaExpression? otherwise) = macro.Parameters[at];
            scope.Set(name, call.Has(at, name) ? call.Get(at, name) : otherwise is null ? new JinjaUndefined(name) : evaluator.Evaluate(otherwise, scope));
        }

        scope.Set("varargs", call.Positional.Skip(macro.Parameters.Count).ToArray());
        scope.Set("kwargs", JinjaValue.Map(call.Named.Where(pair => pair.Key != "caller" && macro.Parameters.All(parameter => parameter.Name != pair.Key)).Select(pair => ((object)pair.Key, pair.Value))));
        if (call.Named.TryGetValue("caller", out object? caller))
        {
            scope.Set("caller", caller);
        }

        return Captured(macro.Body, scope);
    };

    private object? CallWith(CallBlockStatement block, JinjaScope scope)
    {
        JinjaFunction function = evaluator.Evaluate(block.Call.Function, scope) as JinjaFunction ?? throw JinjaFault.At(block.Line, "call wants a macro");
        JinjaCall arguments = evaluator.Arguments("call", block.Call.Arguments, scope);
        Dictionary<string, object?> named = new(arguments.Named) { ["caller"] = Macro(block.Caller, scope) };
        return function(new JinjaCall("call", arguments.Positional, named, evaluator.Work));
    }

    private void Print(string text, StringBuilder output)
    {
        evaluator.Work.Letters(text.Length);
        evaluator.Work.Letters(output.Length + (long)text.Length > JinjaWork.MaximumLength ? long.MaxValue : 0);
        output.Append(text);
    }
}
