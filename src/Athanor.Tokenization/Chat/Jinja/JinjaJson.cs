using System.Globalization;
using System.Text;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>The filter <c>tojson</c> as transformers defines it: Python's <c>json.dumps</c>, with letters beyond ASCII as they are.</summary>
internal sealed class JinjaJson
{
    private const int MaximumNesting = 64;

    private readonly StringBuilder _text = new();
    private readonly string? _indent;
    private readonly string _item;
    private readonly string _key;
    private readonly bool _sort;
    private readonly bool _ascii;
    private readonly JinjaWork _work;

    private JinjaJson(JinjaCall call)
    {
        _work = call.Work;
        _ascii = call.Flag(0, "ensure_ascii", false);
        object? indent = call.Get(1, "indent");
        if (JinjaValue.Whole(indent) is > 64)
        {
            throw JinjaFault.Of("tojson indents by at most 64 blanks");
        }

        _indent = indent is string given ? given : JinjaValue.Whole(indent) is { } width ? new string(' ', (int)Math.Max(0, width)) : null;
        (_item, _key) = call.Get(2, "separators") is { } separators and not JinjaUndefined
            ? JinjaValue.Items(separators) is [string item, string key] ? (item, key) : throw JinjaFault.Of("tojson wants two separators")
            : (_indent is null ? ", " : ",", ": ");
        _sort = call.Flag(3, "sort_keys", false);
    }

    public static string Write(object? value, JinjaCall call)
    {
        JinjaJson json = new(call);
        json.Append(value, 0);
        return json._text.ToString();
    }

    private void Append(object? value, int depth)
    {
        if (depth > MaximumNesting || _text.Length > JinjaWork.MaximumLength)
        {
            throw JinjaFault.Of("a value is too large or nested too deep for JSON");
        }

        _work.Step();
        switch (value)
        {
            case null:
                _text.Append("null");
                break;
            case bool truth:
                _text.Append(truth ? "true" : "false");
                break;
            case long whole:
                _text.Append(whole);
                break;
            case double number:
                _text.Append(double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : JinjaValue.FloatText(number));
                break;
            case string text:
                Quote(text);
                break;
            case List<object?> or object?[]:
                Enclose('[', ']', JinjaValue.Items(value), item => Append(item, depth + 1), depth);
                break;
            case JinjaMap map:
                IEnumerable<KeyValuePair<object, object?>> entries = _sort ? map.OrderBy(pair => pair.Key, Comparer<object>.Create((left, right) => JinjaValue.Compare(left, right, _work))) : map;
                Enclose('{', '}', [.. entries], pair =>
                {
                    Quote(pair.Key switch { bool truth => truth ? "true" : "false", var key => JinjaValue.Text(key) });
                    _text.Append(_key);
                    Append(pair.Value, depth + 1);
                }, depth);
                break;
            default:
                throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} is no JSON");
        }
    }

    private void Enclose<T>(char open, char close, IReadOnlyList<T> items, Action<T> append, int depth)
    {
        _text.Append(open);
        for (int at = 0; at < items.Count; at++)
        {
            _text.Append(at == 0 ? "" : _item);
            Break(depth + 1);
            append(items[at]);
        }

        if (items.Count > 0)
        {
            Break(depth);
        }

        _text.Append(close);
    }

    private void Break(int depth)
    {
        if (_indent is not null)
        {
            _work.Letters(_indent.Length * (long)depth);
            _text.Append('\n').Insert(_text.Length, _indent, depth);
        }
    }

    private void Quote(string text)
    {
        _work.Letters(text.Length);
        _text.Append('"');
        foreach (char letter in text)
        {
            switch (letter)
            {
                case '"':
                    _text.Append("\\\"");
                    break;
                case '\\':
                    _text.Append("\\\\");
                    break;
                case '\n':
                    _text.Append("\\n");
                    break;
                case '\r':
                    _text.Append("\\r");
                    break;
                case '\t':
                    _text.Append("\\t");
                    break;
                case '\b':
                    _text.Append("\\b");
                    break;
                case '\f':
                    _text.Append("\\f");
                    break;
                case < ' ':
                    _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                    break;
                case > '~' when _ascii:
                    _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                    break;
                default:
                    _text.Append(letter);
                    break;
            }
        }

        _text.Append('"');
    }
}
