using System.Globalization;
using System.Text;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Functions that every template may call: Jinja's own, and those that transformers adds.</summary>
internal static class JinjaGlobals
{
    public static JinjaFunction? Find(string name, TimeProvider clock) => name switch
    {
        "range" => Range,
        "namespace" => Namespace,
        "dict" => call => FromPairs(call),
        "raise_exception" => call => throw JinjaFault.Of(call.Text(0, "message", "it refuses this conversation")),
        "strftime_now" => call => Time(call.RequiredText(0, "format"), clock.GetLocalNow(), call.Work),
        "joiner" => Joiner,
        _ => null,
    };

    private static List<object?> Range(JinjaCall call)
    {
        long Bound(int place) => JinjaValue.Whole(call.Positional[place]) ?? throw JinjaFault.Of("range wants whole numbers");
        (long from, long to, long step) = call.Positional.Count switch
        {
            1 => (0, Bound(0), 1),
            2 => (Bound(0), Bound(1), 1),
            3 => (Bound(0), Bound(1), Bound(2)),
            _ => throw JinjaFault.Of("range wants one to three numbers"),
        };
        if (step == 0)
        {
            throw JinjaFault.Of("range wants a step that is not zero");
        }

        // the number that the sandbox of Jinja allows
        Int128 count = Int128.Max(0, step > 0 ? ((Int128)to - from + step - 1) / step : ((Int128)from - to - step - 1) / -(Int128)step);
        if (count > 100_000)
        {
            throw JinjaFault.Of("range makes at most 100,000 numbers");
        }

        call.Work.Items((long)count);
        return [.. Enumerable.Range(0, (int)count).Select(at => (object?)(from + (at * step)))];
    }

    private static JinjaNamespace Namespace(JinjaCall call)
    {
        JinjaNamespace space = new();
        foreach ((object key, object? value) in FromPairs(call))
        {
            space.Attributes[JinjaValue.Text(key)] = value;
        }

        return space;
    }

    private static JinjaMap FromPairs(JinjaCall call)
    {
        JinjaMap map = [];
        if (call.Positional.Count > 0)
        {
            foreach ((object key, object? value) in call.Positional[0] as JinjaMap ?? JinjaValue.Map(JinjaValue.Items(call.Positional[0]).Select(Pair)))
            {
                map[key] = value;
            }
        }

        foreach ((string key, object? value) in call.Named)
        {
            map[key] = value;
        }

        return map;
    }

    private static (object, object?) Pair(object? item) => JinjaValue.Items(item) is [var key, var value] ? (JinjaEvaluator.Key(key), value) : throw JinjaFault.Of("dict wants pairs");

    private static JinjaFunction Joiner(JinjaCall call)
    {
        string separator = call.Text(0, "sep", ", ");
        bool used = false;
        return _ =>
        {
            string text = used ? separator : "";
            used = true;
            return text;
        };
    }

    /// <summary>Python's <c>strftime</c> in English.</summary>
    internal static string Time(string format, DateTimeOffset now, JinjaWork work)
    {
        work.Letters(format.Length * 8L);
        CultureInfo culture = CultureInfo.InvariantCulture;
        StringBuilder text = new();
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }

            bool bare = format[at + 1] == '-' && at + 2 < format.Length;
            char kind = format[at += bare ? 2 : 1];
            string part = kind switch
            {
                'Y' => now.Year.ToString(culture),
                'y' => now.ToString("yy", culture),
                'm' => now.ToString("MM", culture),
                'd' => now.ToString("dd", culture),
                'e' => now.Day.ToString(culture).PadLeft(2),
                'H' => now.ToString("HH", culture),
                'I' => now.ToString("hh", culture),
                'M' => now.ToString("mm", culture),
                'S' => now.ToString("ss", culture),
                'p' => now.Hour < 12 ? "AM" : "PM",
                'B' => now.ToString("MMMM", culture),
                'b' or 'h' => now.ToString("MMM", culture),
                'A' => now.ToString("dddd", culture),
                'a' => now.ToString("ddd", culture),
                'j' => now.DayOfYear.ToString("D3", culture),
                'w' => ((int)now.DayOfWeek).ToString(culture),
                'u' => (((int)now.DayOfWeek + 6) % 7 + 1).ToString(culture),
                'f' => now.ToString("ffffff", culture),
                'F' => now.ToString("yyyy-MM-dd", culture),
                'T' => now.ToString("HH:mm:ss", culture),
                'R' => now.ToString("HH:mm", culture),
                'D' or 'x' => now.ToString("MM/dd/yy", culture),
                'X' => now.ToString("HH:mm:ss", culture),
                'c' => $"{now.ToString("ddd MMM", culture)} {now.Day,2} {now.ToString("HH:mm:ss yyyy", culture)}",
                'Z' or 'z' => "",
                'n' => "\n",
                't' => "\t",
                '%' => "%",
                _ => throw JinjaFault.Of($"strftime_now does not know %{kind}"),
            };
            text.Append(bare && part.Length > 1 ? part.TrimStart('0', ' ') is { Length: > 0 } digits ? digits : "0" : part);
        }

        return text.ToString();
    }
}
