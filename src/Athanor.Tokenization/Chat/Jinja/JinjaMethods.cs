using System.Text;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>Methods of strings and maps that Python's sandbox allows a template: those that change nothing.</summary>
internal static class JinjaMethods
{
    private static readonly System.Buffers.SearchValues<char> Blanks = System.Buffers.SearchValues.Create(" \t\r\n\f\v");

    public static JinjaFunction? Find(object? value, string name) => value switch
    {
        JinjaMap map => OfMap(map, name),
        string text => OfText(text, name),
        List<object?> or object?[] => OfList(JinjaValue.Items(value), name),
        _ => null,
    };

    private static JinjaFunction? OfMap(JinjaMap map, string name) => name switch
    {
        "items" => _ => map.Select(pair => (object?)new object?[] { pair.Key, pair.Value }).ToList(),
        "keys" => _ => map.Keys.Select(key => (object?)key).ToList(),
        "values" => _ => map.Values.ToList(),
        "get" => call => map.TryGetValue(JinjaEvaluator.Key(call.Get(0, "key")), out object? found) ? found : call.Get(1, "default"),
        "copy" => _ => JinjaValue.Map(map.Select(pair => (pair.Key, pair.Value))),
        "update" or "pop" or "clear" or "setdefault" or "popitem" => _ => throw JinjaFault.Of($"{name} would change a map, which no chat template may"),
        _ => null,
    };

    private static JinjaFunction? OfList(IReadOnlyList<object?> list, string name) => name switch
    {
        "index" => call => list.Select((item, at) => (item, at)).Where(pair => JinjaValue.AreEqual(pair.item, call.Get(0, "value"), call.Work)).Select(pair => (long)pair.at).FirstOrDefault(-1) is var at and >= 0
            ? at : throw JinjaFault.Of("index: the list does not hold it"),
        "count" => call => (long)list.Count(item => JinjaValue.AreEqual(item, call.Get(0, "value"), call.Work)),
        "copy" => _ => list.ToList(),
        "append" or "extend" or "insert" or "pop" or "remove" or "reverse" or "sort" or "clear" => _ => throw JinjaFault.Of($"{name} would change a list, which no chat template may"),
        _ => null,
    };

    private static JinjaFunction? OfText(string text, string name) => name switch
    {
        "upper" => _ => text.ToUpperInvariant(),
        "lower" => _ => text.ToLowerInvariant(),
        "capitalize" => _ => Capitalize(text),
        "title" => _ => Title(text),
        "swapcase" => _ => string.Concat(text.Select(letter => char.IsUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter))),
        "strip" => call => Strip(text, call, true, true),
        "lstrip" => call => Strip(text, call, true, false),
        "rstrip" => call => Strip(text, call, false, true),
        "startswith" => call => Any(call, part => text.StartsWith(part, StringComparison.Ordinal)),
        "endswith" => call => Any(call, part => text.EndsWith(part, StringComparison.Ordinal)),
        "removeprefix" => call => call.RequiredText(0, "prefix") is var part && text.StartsWith(part, StringComparison.Ordinal) ? text[part.Length..] : text,
        "removesuffix" => call => call.RequiredText(0, "suffix") is var part && text.EndsWith(part, StringComparison.Ordinal) ? text[..^part.Length] : text,
        "replace" => call => Replace(text, call.RequiredText(0, "old"), call.RequiredText(1, "new"), call.Whole(2, "count", -1), call.Work),
        "split" => call => Split(text, call.Get(0, "sep"), call.Whole(1, "maxsplit", -1)),
        "rsplit" => call => SplitFromEnd(text, call.Get(0, "sep"), call.Whole(1, "maxsplit", -1)),
        "splitlines" => call => Lines(text, call.Flag(0, "keepends", false)),
        "partition" => call => call.RequiredText(0, "sep") is var part && At(text, part, last: false) is var at and >= 0 ? new object?[] { text[..at], part, text[(at + part.Length)..] } : new object?[] { text, "", "" },
        "rpartition" => call => call.RequiredText(0, "sep") is var part && At(text, part, last: true) is var at and >= 0 ? new object?[] { text[..at], part, text[(at + part.Length)..] } : new object?[] { "", "", text },
        "find" => call => Place(text, At(text, call.RequiredText(0, "sub"), last: false)),
        "rfind" => call => Place(text, At(text, call.RequiredText(0, "sub"), last: true)),
        "index" => call => At(text, call.RequiredText(0, "sub"), last: false) is var at and >= 0 ? Place(text, at) : throw JinjaFault.Of("index: the string does not hold it"),
        "count" => call => call.RequiredText(0, "sub") is { Length: > 0 } part ? (long)text.AsSpan().Count(part) : JinjaValue.CodePoints(text) + 1L,
        "join" => call => Join(text, JinjaValue.Items(call.Get(0, "iterable")), call.Work),
        "isdigit" or "isdecimal" or "isnumeric" => _ => text.Length > 0 && text.All(char.IsDigit),
        "isalpha" => _ => text.Length > 0 && text.All(char.IsLetter),
        "isalnum" => _ => text.Length > 0 && text.All(char.IsLetterOrDigit),
        "isspace" => _ => text.Length > 0 && text.All(char.IsWhiteSpace),
        "isupper" => _ => text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "islower" => _ => text.Any(char.IsLower) && !text.Any(char.IsUpper),
        "center" => call => Center(text, call.Whole(0, "width", 0), call.Work),
        "ljust" => call => Pad(text, call, before: false),
        "rjust" => call => Pad(text, call, before: true),
        "zfill" => call => Width(call.Whole(0, "width", 0), call.Work) is var width && text.StartsWith('-') ? $"-{text[1..].PadLeft(Math.Max(0, width - 1), '0')}" : text.PadLeft(width, '0'),
        "format" => call => Format(text, call),
        _ => null,
    };

    public static string Capitalize(string text) => text.Length == 0 ? "" : text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant();

    public static string Title(string text)
    {
        StringBuilder title = new(text.Length);
        bool inside = false;
        foreach (char letter in text)
        {
            title.Append(inside ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter));
            inside = char.IsLetter(letter);
        }

        return title.ToString();
    }

    public static string Strip(string text, string? letters, bool begin, bool end)
    {
        ReadOnlySpan<char> set = letters;
        ReadOnlySpan<char> left = text;
        if (begin)
        {
            left = letters is null ? left.TrimStart() : left.TrimStart(set);
        }

        return (end ? letters is null ? left.TrimEnd() : left.TrimEnd(set) : left).ToString();
    }

    public static string Replace(string text, string old, string replacement, long count, JinjaWork work)
    {
        long places = old.Length == 0 ? text.Length + 1L : text.AsSpan().Count(old);
        places = count < 0 ? places : Math.Min(places, count);
        work.Letters(text.Length + (places * Math.Max(0, replacement.Length - old.Length)));
        StringBuilder result = new();
        int from = 0;
        if (old.Length == 0)
        {
            foreach (string letter in JinjaValue.Letters(text))
            {
                result.Append(places-- > 0 ? replacement : "").Append(letter);
            }

            return result.Append(places > 0 ? replacement : "").ToString();
        }

        for (; places > 0; places--)
        {
            int at = text.IndexOf(old, from, StringComparison.Ordinal);
            result.Append(text, from, at - from).Append(replacement);
            from = at + old.Length;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    public static string Join(string separator, IReadOnlyList<object?> items, JinjaWork work)
    {
        string[] texts = [.. items.Select(JinjaValue.Text)];
        work.Letters(texts.Sum(text => (long)text.Length) + (separator.Length * (long)texts.Length));
        return string.Join(separator, texts);
    }

    public static List<object?> Lines(string text, bool ends)
    {
        List<object?> lines = [];
        for (int from = 0; from < text.Length;)
        {
            int length = text.AsSpan(from).IndexOfAny('\n', '\r');
            int end = length < 0 ? text.Length : from + length;
            int next = end == text.Length ? end : end + (text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
            lines.Add(ends ? text[from..next] : text[from..end]);
            from = next;
        }

        return lines;
    }

    public static string Center(string text, long width, JinjaWork work)
    {
        int room = Math.Max(0, Width(width, work) - JinjaValue.CodePoints(text));
        int left = (room / 2) + (room & Width(width, work) & 1);
        return new string(' ', left) + text + new string(' ', room - left);
    }

    private static int Width(long width, JinjaWork work)
    {
        work.Letters(width);
        return (int)Math.Max(0, width);
    }

    private static string Pad(string text, JinjaCall call, bool before)
    {
        int room = Math.Max(0, Width(call.Whole(0, "width", 0), call.Work) - JinjaValue.CodePoints(text));
        string filling = new(call.Text(1, "fillchar", " ") is [var letter] ? letter : throw JinjaFault.Of("padding wants exactly one character"), room);
        return before ? filling + text : text + filling;
    }

    private static string Strip(string text, JinjaCall call, bool begin, bool end) => Strip(text, call.Get(0, "chars") is null ? null : call.RequiredText(0, "chars"), begin, end);

    private static bool Any(JinjaCall call, Func<string, bool> holds) => call.Get(0, "prefix") switch
    {
        string part => holds(part),
        object?[] parts => parts.Any(part => part is string one && holds(one)),
        var other => throw JinjaFault.Of($"a string begins and ends with strings, not with {JinjaValue.TypeOf(other)}"),
    };

    private static int At(string text, string part, bool last) => last ? text.LastIndexOf(part, StringComparison.Ordinal) : text.IndexOf(part, StringComparison.Ordinal);

    private static long Place(string text, int at) => at < 0 ? -1 : JinjaValue.CodePoints(text[..at]);

    private static List<object?> Split(string text, object? separator, long most)
    {
        List<object?> parts = [];
        int from = 0;
        if (separator is string { Length: > 0 } mark)
        {
            while ((most < 0 || parts.Count < most) && text.IndexOf(mark, from, StringComparison.Ordinal) is var at and >= 0)
            {
                parts.Add(text[from..at]);
                from = at + mark.Length;
            }

            parts.Add(text[from..]);
            return parts;
        }

        if (separator is not null)
        {
            throw JinjaFault.Of("split wants a separator that is not empty");
        }

        while (true)
        {
            from += text.AsSpan(from).Length - text.AsSpan(from).TrimStart().Length;
            if (from == text.Length)
            {
                return parts;
            }

            if (most >= 0 && parts.Count == most)
            {
                parts.Add(text[from..]);
                return parts;
            }

            int end = from;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            parts.Add(text[from..end]);
            from = end;
        }
    }

    private static List<object?> SplitFromEnd(string text, object? separator, long most)
    {
        if (most < 0)
        {
            return Split(text, separator, -1);
        }

        List<object?> parts = [];
        string rest = separator is null ? text.TrimEnd() : text;
        while (parts.Count < most)
        {
            int at = separator is string { Length: > 0 } mark ? rest.LastIndexOf(mark, StringComparison.Ordinal) : separator is null ? rest.AsSpan().LastIndexOfAny(Blanks) : throw JinjaFault.Of("rsplit wants a separator that is not empty");
            if (at < 0)
            {
                break;
            }

            parts.Insert(0, rest[(at + (separator as string ?? " ").Length)..]);
            rest = separator is null ? rest[..at].TrimEnd() : rest[..at];
        }

        if (separator is not null || rest.TrimStart().Length > 0)
        {
            parts.Insert(0, rest);
        }

        return parts;
    }

    // {}, {0} and {name}, without formats of their own
    private static string Format(string text, JinjaCall call)
    {
        StringBuilder result = new();
        int next = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] is '{' or '}' && at + 1 < text.Length && text[at + 1] == text[at])
            {
                result.Append(text[at++]);
            }
            else if (text[at] == '{')
            {
                int end = text.IndexOf('}', at);
                string field = end < 0 ? throw JinjaFault.Of("format: a { has no }") : text[(at + 1)..end];
                object? value = field.Length == 0 ? ByPlace(next++) : int.TryParse(field, out int place) ? ByPlace(place)
                    : call.Named.TryGetValue(field, out object? named) ? named : throw JinjaFault.Of($"format: the field {field} is not known");
                result.Append(JinjaValue.Text(value));
                call.Work.Letters(result.Length);
                at = end;
            }
            else
            {
                result.Append(text[at]);
            }
        }

        return result.ToString();

        object? ByPlace(int place) => place >= 0 && place < call.Positional.Count ? call.Positional[place] : throw JinjaFault.Of($"format: there is no value {place}");
    }
}
