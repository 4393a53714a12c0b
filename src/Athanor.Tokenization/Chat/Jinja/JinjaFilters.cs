using System.Globalization;
using System.Text;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Jinja's filters: <c>value | name(…)</c>. Those that Python makes lazy give lists here.</summary>
internal static partial class JinjaFilters
{
    private static readonly HashSet<string> Names =
    [
        "abs", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "format", "groupby", "indent", "int", "items", "join", "last", "length",
        "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "string", "sum", "title", "tojson", "trim",
        "truncate", "unique", "upper", "urlencode", "wordcount",
    ];

    public static bool IsKnown(string name) => Names.Contains(name);

    public static object? Apply(string name, object? value, JinjaCall call) => name switch
    {
        "default" or "d" => value is JinjaUndefined || (call.Flag(1, "boolean", false) && !JinjaValue.IsTrue(value)) ? call.Get(0, "default_value", call.Named.GetValueOrDefault("default", "")) : value,
        "length" or "count" => JinjaValue.Length(value) is var length and >= 0 ? length : throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} has no length"),
        "string" or "safe" => JinjaValue.Text(value),
        "upper" => JinjaValue.Text(value).ToUpperInvariant(),
        "lower" => JinjaValue.Text(value).ToLowerInvariant(),
        "capitalize" => JinjaMethods.Capitalize(JinjaValue.Text(value)),
        "title" => Title(JinjaValue.Text(value)),
        "trim" => JinjaMethods.Strip(JinjaValue.Text(value), call.Get(0, "chars") is null ? null : call.RequiredText(0, "chars"), true, true),
        "center" => JinjaMethods.Center(JinjaValue.Text(value), call.Whole(0, "width", 80), call.Work),
        "replace" => JinjaMethods.Replace(JinjaValue.Text(value), call.Text(0, "old", ""), call.Text(1, "new", ""), call.Get(2, "count") is null ? -1 : call.Whole(2, "count", -1), call.Work),
        "indent" => Indent(JinjaValue.Text(value), call),
        "truncate" => Truncate(JinjaValue.Text(value), call),
        "wordcount" => (long)JinjaValue.Text(value).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
        "escape" or "e" => Escape(JinjaValue.Text(value)),
        "urlencode" => UrlEncode(JinjaValue.Text(value)),
        "format" => JinjaArithmetic.Format(JinjaValue.Text(value), call.Positional, call.Work),
        "tojson" => JinjaJson.Write(value, call),
        "int" => Int(value, call),
        "float" => Float(value, call),
        "abs" => JinjaValue.Whole(value) is { } whole and > long.MinValue ? (object)Math.Abs(whole) : value is double number ? Math.Abs(number) : throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} has no size"),
        
        // a whole number stays one, unless it is rounded up or down
        "round" => Round(value, call) is var rounded && (value is double || call.Text(1, "method", "common") != "common") ? rounded : (object)(long)rounded,
        _ => OfItems(name, value, call),
    };

    private static string Title(string text)
    {
        StringBuilder title = new(text.Length);
        bool begins = true;
        foreach (char letter in text)
        {
            title.Append(begins ? char.ToUpperInvariant(letter) : char.ToLowerInvariant(letter));
            begins = char.IsWhiteSpace(letter) || letter is '-' or '(' or '{' or '[' or '<';
        }

        return title.ToString();
    }

    private static string Indent(string text, JinjaCall call)
    {
        if (JinjaValue.Whole(call.Get(0, "width")) is > 1024)
        {
            throw JinjaFault.Of("indent takes at most 1,024 blanks");
        }

        string indent = call.Get(0, "width", 4L) is string given ? given : new string(' ', (int)Math.Max(0, call.Whole(0, "width", 4)));
        bool blank = call.Flag(2, "blank", false);
        List<object?> lines = JinjaMethods.Lines(text + "\n", ends: false);
        call.Work.Letters(text.Length + (lines.Count * (long)indent.Length));
        string indented = string.Join('\n', lines.Select((line, at) => at == 0 || (!blank && line is "") ? line : indent + line));
        return call.Flag(1, "first", false) ? indent + indented : indented;
    }

    private static string Truncate(string text, JinjaCall call)
    {
        long length = call.Whole(0, "length", 255);
        string end = call.Text(2, "end", "...");
        if (length < end.Length)
        {
            throw JinjaFault.Of("truncate wants a length that its end fits in");
        }

        if (text.Length <= length + call.Whole(3, "leeway", 5))
        {
            return text;
        }

        string cut = text[..(int)(length - end.Length)];
        return (call.Flag(1, "killwords", false) || cut.LastIndexOf(' ') < 0 ? cut : cut[..cut.LastIndexOf(' ')]) + end;
    }

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    private static string UrlEncode(string text)
    {
        StringBuilder encoded = new();
        foreach (byte unit in Encoding.UTF8.GetBytes(text))
        {
            char letter = (char)unit;
            if (char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-' or '~' or '/')
            {
                encoded.Append(letter);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
        }

        return encoded.ToString();
    }

    private static object? Int(object? value, JinjaCall call)
    {
        object? otherwise = call.Get(0, "default", 0L);
        switch (value)
        {
            case string text:
                long radix = call.Whole(1, "base", 10);
                string digits = text.Trim().Replace("_", "", StringComparison.Ordinal);
                if (radix == 16 && long.TryParse(digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hexadecimal))
                {
                    return hexadecimal;
                }

                return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? whole
                    : double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && Math.Abs(real) < 9e18 ? (long)real : otherwise;
            case double number:
                return double.IsFinite(number) && Math.Abs(number) < 9e18 ? (long)number : otherwise;
            case JinjaUndefined undefined:
                throw JinjaFault.Of($"{undefined.Name} is not defined");
            default:
                return JinjaValue.Whole(value) ?? otherwise;
        }
    }

    private static object? Float(object? value, JinjaCall call) => value switch
    {
        string text => double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double real) ? real : call.Get(0, "default", 0.0),
        JinjaUndefined undefined => throw JinjaFault.Of($"{undefined.Name} is not defined"),
        _ => JinjaValue.Number(value) ?? call.Get(0, "default", 0.0),
    };

    private static double Round(object? value, JinjaCall call)
    {
        double number = JinjaValue.Number(value) ?? throw JinjaFault.Of($"{JinjaValue.TypeOf(value)} cannot be rounded");
        int digits = (int)Math.Clamp(call.Whole(0, "precision", 0), -15, 15);
        double scale = Math.Pow(10, digits);
        return call.Text(1, "method", "common") switch
        {
            "common" => digits >= 0 ? Math.Round(number, digits, MidpointRounding.ToEven) : Math.Round(number * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            var method => throw JinjaFault.Of($"round does not know the method {method}"),
        };
    }
}
