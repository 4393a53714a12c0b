namespace Athanor.Tokenization.LlamaCpp;

/// <summary>GPT-2's words: contractions, a space with letters, with digits or with other characters, white space.</summary>
internal sealed class GptWords : ISplitStep
{
    public string? Expression => Splitting.Gpt2Pattern.Expression;

    public void Split(CodePointText text, List<int> lengths, List<int> result)
    {
        int start = 0;
        foreach (int length in lengths)
        {
            ReadOnlySpan<int> points = text.Points.Slice(start, length);
            ReadOnlySpan<CodePointClass> classes = text.Classes.Slice(start, length);
            for (int at = 0; at < length;)
            {
                int end = End(points, classes, at);
                result.Add(end - at);
                at = end;
            }

            start += length;
        }
    }

    private static int End(ReadOnlySpan<int> points, ReadOnlySpan<CodePointClass> classes, int at)
    {
        if (Words.ContractionEnd(points, at, ignoreCase: false) is int contraction and > 0)
        {
            return contraction;
        }

        int first = points[at] == ' ' ? at + 1 : at;
        CodePointClass kind = Words.At(classes, first);
        CodePointClass sort = kind & (CodePointClass.Letter | CodePointClass.Number);
        if (sort != CodePointClass.None)
        {
            int end = first;
            while (end < classes.Length && (classes[end] & sort) != 0)
            {
                end++;
            }

            return end;
        }

        return kind != CodePointClass.None && (kind & CodePointClass.WhiteSpace) == 0 ? Words.OtherEnd(classes, first) : Words.WhiteSpaceEnd(classes, at);
    }
}

/// <summary>
/// The words of LLaMA 3 and Qwen: contractions in any case, letters with one character before them, digits in groups, other characters with the line ends
/// after them, white space up to the last line end.
/// </summary>
/// <param name="digits">The most digits of a word.</param>
/// <param name="marks">Whether combining marks belong to the letters.</param>
internal sealed class LlamaWords(int digits, bool marks) : ISplitStep
{
    private readonly CodePointClass _letters = marks ? CodePointClass.Letter | CodePointClass.Mark : CodePointClass.Letter;

    public string? Expression { get; } = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
        + (marks ? @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+" : @"|[^\r\n\p{L}\p{N}]?\p{L}+")
        + (digits == 1 ? @"|\p{N}" : @"|\p{N}{1," + digits + "}")
        + (marks ? @"| ?[^\s\p{L}\p{M}\p{N}]+" : @"| ?[^\s\p{L}\p{N}]+")
        + @"[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public void Split(CodePointText text, List<int> lengths, List<int> result)
    {
        int start = 0;
        foreach (int length in lengths)
        {
            ReadOnlySpan<int> points = text.Points.Slice(start, length);
            ReadOnlySpan<CodePointClass> classes = text.Classes.Slice(start, length);
            for (int at = 0; at < length;)
            {
                int end = End(points, classes, at);
                result.Add(end - at);
                at = end;
            }

            start += length;
        }
    }

    private int End(ReadOnlySpan<int> points, ReadOnlySpan<CodePointClass> classes, int at)
    {
        if (Words.ContractionEnd(points, at, ignoreCase: true) is int contraction and > 0)
        {
            return contraction;
        }

        if (!Words.IsLineEnd(points[at]) && (classes[at] & CodePointClass.Number) == 0 && ((classes[at] | Words.At(classes, at + 1)) & _letters) != 0)
        {
            int end = at + 1;
            while (end < classes.Length && (classes[end] & _letters) != 0)
            {
                end++;
            }

            return end;
        }

        if ((classes[at] & CodePointClass.Number) != 0)
        {
            return Words.NumberEnd(classes, at, digits);
        }

        int first = points[at] == ' ' ? at + 1 : at;
        CodePointClass kind = Words.At(classes, first);
        return (kind & (CodePointClass.WhiteSpace | CodePointClass.Number | _letters)) == 0
            ? Words.LineEndsEnd(points, Words.OtherEnd(classes, first, _letters))
            : Words.LinesEnd(points, classes, at);
    }
}

/// <summary>Kimi K2's words: Han by itself, letters of other scripts with a contraction after them; the rest as LLaMA 3 has it.</summary>
internal sealed class KimiWords : ISplitStep
{
    private const string Han = @"\u4E00-\u9FFF\u3400-\u4DBF\x{20000}-\x{2A6DF}\x{2A700}-\x{2EBEF}\uF900-\uFAFF\x{2F800}-\x{2FA1F}";

    public string? Expression =>
        $@"[{Han}]+|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}&&[^{Han}]]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public void Split(CodePointText text, List<int> lengths, List<int> result)
    {
        int start = 0;
        foreach (int length in lengths)
        {
            ReadOnlySpan<int> points = text.Points.Slice(start, length);
            ReadOnlySpan<CodePointClass> classes = text.Classes.Slice(start, length);
            for (int at = 0; at < length;)
            {
                int end = End(points, classes, at);
                result.Add(end - at);
                at = end;
            }

            start += length;
        }
    }

    private static int End(ReadOnlySpan<int> points, ReadOnlySpan<CodePointClass> classes, int at)
    {
        int end = at;
        while (end < points.Length && CodePointClasses.IsHan(points[end]))
        {
            end++;
        }

        if (end > at)
        {
            return end;
        }

        bool led = !Words.IsLineEnd(points[at]) && (classes[at] & (CodePointClass.Letter | CodePointClass.Number)) == 0;
        if (IsLetter(points, classes, at) || (led && IsLetter(points, classes, at + 1)))
        {
            end = at + 1;
            while (IsLetter(points, classes, end))
            {
                end++;
            }

            return Words.ContractionEnd(points, end, ignoreCase: true) is int contraction and > 0 ? contraction : end;
        }

        if ((classes[at] & CodePointClass.Number) != 0)
        {
            return Words.NumberEnd(classes, at, 3);
        }

        int first = points[at] == ' ' ? at + 1 : at;
        CodePointClass kind = Words.At(classes, first);
        return kind != CodePointClass.None && (kind & (CodePointClass.WhiteSpace | CodePointClass.Number | CodePointClass.Letter)) == 0
            ? Words.LineEndsEnd(points, Words.OtherEnd(classes, first))
            : Words.LinesEnd(points, classes, at);
    }

    private static bool IsLetter(ReadOnlySpan<int> points, ReadOnlySpan<CodePointClass> classes, int at) =>
        at < points.Length && (classes[at] & CodePointClass.Letter) != 0 && !CodePointClasses.IsHan(points[at]);
}

/// <summary>Numbers cut into groups of three digits, the first of which may be shorter.</summary>
internal sealed class DigitGroups : ISplitStep
{
    public string? Expression => null;

    public void Split(CodePointText text, List<int> lengths, List<int> result)
    {
        int start = 0;
        foreach (int length in lengths)
        {
            ReadOnlySpan<CodePointClass> classes = text.Classes.Slice(start, length);
            int done = 0;
            for (int at = 0; at < length; at++)
            {
                int first = at;
                while (at < length && (classes[at] & CodePointClass.Number) != 0)
                {
                    at++;
                }

                // What stands before a number stays with its leading digits
                for (int end = first + ((at - first) % 3); end <= at && at > first; end += 3)
                {
                    if (end > first)
                    {
                        result.Add(end - done);
                        done = end;
                    }
                }
            }

            if (done < length)
            {
                result.Add(length - done);
            }

            start += length;
        }
    }
}

/// <summary>Cuts before every digit after which, up to the end of the number, stand digits in threes.</summary>
internal sealed class Thousands : ISplitStep
{
    public string? Expression => "(?=(?:[0-9]{3})+(?![0-9]))";

    public void Split(CodePointText text, List<int> lengths, List<int> result)
    {
        int start = 0;
        foreach (int length in lengths)
        {
            ReadOnlySpan<int> points = text.Points.Slice(start, length);
            int done = 0;
            for (int at = 0; at < length;)
            {
                int end = at;
                while (end < length && points[end] is >= '0' and <= '9')
                {
                    end++;
                }

                for (int cut = at + ((end - at) % 3); cut < end; cut += 3)
                {
                    if (cut > done)
                    {
                        result.Add(cut - done);
                        done = cut;
                    }
                }

                at = Math.Max(end, at + 1);
            }

            if (done < length)
            {
                result.Add(length - done);
            }

            start += length;
        }
    }
}

/// <summary>Runs of line feeds, and what stands between them.</summary>
internal sealed class LineFeeds : ISplitStep
{
    public string? Expression => @"[^\n]+|\n+";

    public void Split(CodePointText text, List<int> lengths, List<int> result)
    {
        int start = 0;
        foreach (int length in lengths)
        {
            ReadOnlySpan<int> points = text.Points.Slice(start, length);
            while (!points.IsEmpty)
            {
                int end = points[0] == '\n' ? points.IndexOfAnyExcept('\n') : points.IndexOf('\n');
                end = end < 0 ? points.Length : end;
                result.Add(end);
                points = points[end..];
            }

            start += length;
        }
    }
}

/// <summary>What the words of GPT-2 and its successors have in common.</summary>
internal static class Words
{
    public static CodePointClass At(ReadOnlySpan<CodePointClass> classes, int at) => at < classes.Length ? classes[at] : CodePointClass.None;

    public static bool IsLineEnd(int point) => point is '\r' or '\n';

    /// <summary>Where <c>'s</c>, <c>'t</c>, <c>'re</c>, <c>'ve</c>, <c>'m</c>, <c>'ll</c> or <c>'d</c> ends; 0 where none begins.</summary>
    public static int ContractionEnd(ReadOnlySpan<int> points, int at, bool ignoreCase)
    {
        if (at + 1 >= points.Length || points[at] != '\'')
        {
            return 0;
        }

        int first = ignoreCase ? CodePointClasses.Lower(points[at + 1]) : points[at + 1];
        if (first is 's' or 't' or 'm' or 'd')
        {
            return at + 2;
        }

        if (at + 2 >= points.Length)
        {
            return 0;
        }

        int second = ignoreCase ? CodePointClasses.Lower(points[at + 2]) : points[at + 2];
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? at + 3 : 0;
    }

    /// <summary>Where a group of digits ends.</summary>
    public static int NumberEnd(ReadOnlySpan<CodePointClass> classes, int at, int most)
    {
        int end = at;
        while (end < classes.Length && end < at + most && (classes[end] & CodePointClass.Number) != 0)
        {
            end++;
        }

        return end;
    }

    /// <summary>Where a run of neither white space nor letters nor digits ends.</summary>
    public static int OtherEnd(ReadOnlySpan<CodePointClass> classes, int at, CodePointClass letters = CodePointClass.Letter)
    {
        while (at < classes.Length && (classes[at] & (CodePointClass.WhiteSpace | CodePointClass.Number | letters)) == 0)
        {
            at++;
        }

        return at;
    }

    /// <summary>Where a run of line ends ends.</summary>
    public static int LineEndsEnd(ReadOnlySpan<int> points, int at)
    {
        while (at < points.Length && IsLineEnd(points[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>White space up to its last line end, or, where it has none, as <see cref="WhiteSpaceEnd"/> has it.</summary>
    public static int LinesEnd(ReadOnlySpan<int> points, ReadOnlySpan<CodePointClass> classes, int at)
    {
        int last = 0;
        for (int end = at; end < points.Length && (classes[end] & CodePointClass.WhiteSpace) != 0; end++)
        {
            last = IsLineEnd(points[end]) ? end + 1 : last;
        }

        return last > 0 ? last : WhiteSpaceEnd(classes, at);
    }

    /// <summary>White space, of which the last character is left to the word after it; any other character alone.</summary>
    public static int WhiteSpaceEnd(ReadOnlySpan<CodePointClass> classes, int at)
    {
        int end = at;
        while (end < classes.Length && (classes[end] & CodePointClass.WhiteSpace) != 0)
        {
            end++;
        }

        return end - at > 1 && end < classes.Length ? end - 1 : Math.Max(end, at + 1);
    }
}
