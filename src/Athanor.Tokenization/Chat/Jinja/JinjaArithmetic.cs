using System.Globalization;
using System.Text;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Operators on values, as Python has them; whole numbers have 64 bits.</summary>
internal static class JinjaArithmetic
{
    public static object? Binary(string sign, object? left, object? right, JinjaWork work)
    {
        if (sign == "~")
        {
            return Concatenate(JinjaValue.Text(left), JinjaValue.Text(right), work);
        }

        switch (sign, left, right)
        {
            case ("+", string a, string b):
                return Concatenate(a, b, work);
            case ("+", List<object?> a, List<object?> b):
                work.Items(a.Count + b.Count);
                return (List<object?>)[.. a, .. b];
            case ("+", object?[] a, object?[] b):
                work.Items(a.Length + b.Length);
                return (object?[])[.. a, .. b];
            case ("*", string text, bool or long):
                return Repeat(text, JinjaValue.Whole(right)!.Value, work);
            case ("*", bool or long, string text):
                return Repeat(text, JinjaValue.Whole(left)!.Value, work);
            case ("*", List<object?> list, bool or long):
                return Repeat(list, JinjaValue.Whole(right)!.Value, work);
            case ("%", string format, _):
                return Format(format, right is object?[] several ? several : [right], work);
        }

        try
        {
            if (JinjaValue.Whole(left) is { } first && JinjaValue.Whole(right) is { } second && sign != "/" && !(sign == "**" && second < 0))
            {
                return Whole(sign, first, second);
            }
        }
        catch (OverflowException)
        {
            throw JinjaFault.Of("a whole number has more than 64 bits");
        }

        if (JinjaValue.Number(left) is { } one && JinjaValue.Number(right) is { } other)
        {
            return Real(sign, one, other);
        }

        throw JinjaFault.Of($"{sign} is not for {JinjaValue.TypeOf(left)} and {JinjaValue.TypeOf(right)}");
    }

    public static bool Holds(string comparison, object? left, object? right, JinjaWork work) => comparison switch
    {
        "==" => JinjaValue.AreEqual(left, right, work),
        "!=" => !JinjaValue.AreEqual(left, right, work),
        "<" => JinjaValue.Compare(left, right, work) < 0,
        "<=" => JinjaValue.Compare(left, right, work) <= 0,
        ">" => JinjaValue.Compare(left, right, work) > 0,
        ">=" => JinjaValue.Compare(left, right, work) >= 0,
        "in" => Contains(right, left, work),
        _ => !Contains(right, left, work),
    };

    public static bool Contains(object? container, object? value, JinjaWork work)
    {
        switch (container)
        {
            case string text:
                work.Letters(text.Length);
                return value is string part ? text.Contains(part, StringComparison.Ordinal) : throw JinjaFault.Of($"a string holds strings, not {JinjaValue.TypeOf(value)}");
            case JinjaMap map:
                return value is string or bool or long or double && map.ContainsKey(JinjaEvaluator.Key(value));
            default:
                IReadOnlyList<object?> items = JinjaValue.Items(container);
                work.Items(items.Count);
                return items.Any(item => JinjaValue.AreEqual(item, value, work));
        }
    }

    /// <summary>printf-like: <c>%s</c>, <c>%r</c>, <c>%d</c>, <c>%i</c>, <c>%f</c> with width and digits.</summary>
    public static string Format(string format, IReadOnlyList<object?> values, JinjaWork work)
    {
        StringBuilder text = new();
        int next = 0;
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }

            int begin = ++at;
            while (at < format.Length && format[at] is '-' or '0' or '+' or ' ' or '.' or (>= '1' and <= '9'))
            {
                at++;
            }

            if (at >= format.Length)
            {
                throw JinjaFault.Of("a format ends within %");
            }

            if (format[at] == '%')
            {
                text.Append('%');
                continue;
            }

            text.Append(Field(format[begin..at], format[at], next < values.Count ? values[next++] : throw JinjaFault.Of("a format wants more values"), work));
            work.Letters(text.Length);
        }

        return next == values.Count ? text.ToString() : throw JinjaFault.Of("a format leaves values over");
    }

    private static string Field(string flags, char kind, object? value, JinjaWork work)
    {
        string[] sizes = flags.TrimStart('-', '0', '+', ' ').Split('.');
        if (sizes.Any(size => size.Length > 4) || sizes.Length > 2)
        {
            throw JinjaFault.Of($"the format %{flags}{kind} is not known");
        }

        int width = sizes[0].Length > 0 ? int.Parse(sizes[0], CultureInfo.InvariantCulture) : 0;
        int? digits = sizes.Length == 2 ? int.Parse($"0{sizes[1]}", CultureInfo.InvariantCulture) : null;
        work.Letters(Math.Max(width, digits ?? 0));
        StringBuilder shown = new();
        switch (kind)
        {
            case 's':
                shown.Append(JinjaValue.Text(value));
                shown.Length = Math.Min(shown.Length, digits ?? int.MaxValue);
                break;
            case 'r':
                JinjaValue.Represent(value, shown, 0);
                break;
            case 'd' or 'i' when JinjaValue.Number(value) is { } number:
                shown.Append(CultureInfo.InvariantCulture, $"{(JinjaValue.Whole(value) is { } whole ? whole : Math.Truncate(number))}");
                break;
            case 'f' when JinjaValue.Number(value) is { } number:
                shown.Append(number.ToString($"F{Math.Min(digits ?? 6, 99)}", CultureInfo.InvariantCulture));
                break;
            default:
                throw JinjaFault.Of($"the format %{flags}{kind} is not for {JinjaValue.TypeOf(value)}");
        }

        if (kind is 'd' or 'i' or 'f' && flags.TrimStart('-', '0').StartsWith('+') && shown[0] != '-')
        {
            shown.Insert(0, '+');
        }

        string field = shown.ToString();
        return flags.StartsWith('-') ? field.PadRight(width) : flags.StartsWith('0') && kind is not ('s' or 'r') ? field.PadLeft(width, '0') : field.PadLeft(width);
    }

    private static string Concatenate(string left, string right, JinjaWork work)
    {
        work.Letters((long)left.Length + right.Length);
        return left + right;
    }

    private static string Repeat(string text, long times, JinjaWork work)
    {
        long count = Math.Max(0, times);
        if (text.Length == 0 || count == 0)
        {
            return "";
        }

        work.Letters(count > JinjaWork.MaximumLength ? long.MaxValue : count * text.Length);
        return new StringBuilder(text.Length * (int)count).Insert(0, text, (int)count).ToString();
    }

    private static List<object?> Repeat(List<object?> list, long times, JinjaWork work)
    {
        long count = list.Count == 0 ? 0 : Math.Clamp(times, 0, JinjaWork.MaximumSteps);
        work.Items(count * list.Count);
        List<object?> items = [];
        for (long at = 0; at < count; at++)
        {
            items.AddRange(list);
        }

        return items;
    }

    private static long Whole(string sign, long left, long right)
    {
        if (right == 0 && sign is "//" or "%")
        {
            throw JinjaFault.Of("a division by zero");
        }

        checked
        {
            switch (sign)
            {
                case "+":
                    return left + right;
                case "-":
                    return left - right;
                case "*":
                    return left * right;
                case "//":
                    return (long)((Int128)left / right) - ((left % right != 0) && (left < 0 != right < 0) ? 1 : 0);
                case "%":
                    long remainder = right == -1 ? 0 : left % right;
                    return remainder != 0 && (remainder < 0 != right < 0) ? remainder + right : remainder;
                case "**":
                    long power = 1;
                    for (long at = 0; at < right && power != 0 && !(left == 1 && at > 0); at++)
                    {
                        if (left == -1)
                        {
                            return right % 2 == 0 ? 1L : -1L;
                        }

                        power *= left;
                    }

                    return power;
                default:
                    throw JinjaFault.Of($"{sign} is no operator");
            }
        }
    }

    private static double Real(string sign, double left, double right) => sign switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "**" => Math.Pow(left, right),
        _ when right == 0 => throw JinjaFault.Of("a division by zero"),
        "/" => left / right,
        "//" => Math.Floor(left / right),
        "%" => left - (right * Math.Floor(left / right)),
        _ => throw JinjaFault.Of($"{sign} is no operator"),
    };
}
