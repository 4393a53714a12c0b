using System.Text;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// A text as llama.cpp's pre-tokenizers see it: code points with their classes, and a copy in which each is one character that stands for its class, which is
/// what the expressions are run on. Reused from text to text.
/// </summary>
internal sealed class CodePointText
{
    // What stands for characters beyond ASCII in an expression with categories, by class
    private const char OtherCharacter = '\u00D0';
    private const char NumberCharacter = '\u00D1';
    private const char LetterCharacter = '\u00D2';
    private const char PunctuationCharacter = '\u00D3';
    private const char MarkCharacter = '\u00D4';
    private const char SymbolCharacter = '\u00D5';
    private const char WhiteSpaceCharacter = '\v';

    // In no class that an expression names
    private const char BeyondPlane0 = '\uFFFF';

    private int[] _points = [];
    private CodePointClass[] _classes = [];
    private char[] _collapsed = [];
    private char[] _plain = [];

    /// <summary>How many code points there are.</summary>
    public int Count { get; private set; }

    /// <summary>The code points.</summary>
    public ReadOnlySpan<int> Points => _points.AsSpan(0, Count);

    /// <summary>The class of each.</summary>
    public ReadOnlySpan<CodePointClass> Classes => _classes.AsSpan(0, Count);

    /// <summary>Takes a text, which must be UTF-8.</summary>
    public void Set(ReadOnlySpan<byte> text)
    {
        if (_points.Length < text.Length)
        {
            int capacity = Math.Max(text.Length, 2 * _points.Length);
            _points = new int[capacity];
            _classes = new CodePointClass[capacity];
            _collapsed = new char[capacity];
            _plain = new char[capacity];
        }

        Count = 0;
        while (!text.IsEmpty)
        {
            int point = text[0];
            int length = 1;
            if (point >= 0x80)
            {
                Rune.DecodeFromUtf8(text, out Rune rune, out length);
                point = rune.Value;
            }

            _points[Count] = point;
            _classes[Count] = CodePointClasses.Of(point);
            Count++;
            text = text[length..];
        }
    }

    /// <summary>A character for each code point: ASCII itself, otherwise one for its class, white space as a vertical tab.</summary>
    public ReadOnlySpan<char> Collapse()
    {
        for (int at = 0; at < Count; at++)
        {
            CodePointClass kind = _classes[at];
            _collapsed[at] = _points[at] < 0x80 ? (char)_points[at]
                : (kind & CodePointClass.WhiteSpace) != 0 ? WhiteSpaceCharacter
                : (kind & CodePointClass.Letter) != 0 ? LetterCharacter
                : (kind & CodePointClass.Number) != 0 ? NumberCharacter
                : (kind & CodePointClass.Punctuation) != 0 ? PunctuationCharacter
                : (kind & CodePointClass.Mark) != 0 ? MarkCharacter
                : (kind & CodePointClass.Symbol) != 0 ? SymbolCharacter
                : OtherCharacter;
        }

        return _collapsed.AsSpan(0, Count);
    }

    /// <summary>A character for each code point: itself, white space beyond ASCII as a vertical tab, and beyond plane 0 one that no expression names.</summary>
    /// <param name="letters">Ranges (first and last) beyond plane 0 for which an <c>A</c> stands.</param>
    public ReadOnlySpan<char> Plain(ReadOnlySpan<int> letters)
    {
        for (int at = 0; at < Count; at++)
        {
            int point = _points[at];
            _plain[at] = point >= 0x80 && (_classes[at] & CodePointClass.WhiteSpace) != 0 ? WhiteSpaceCharacter
                : point < 0x10000 ? (char)point
                : IsIn(letters, point) ? 'A'
                : BeyondPlane0;
        }

        return _plain.AsSpan(0, Count);
    }

    private static bool IsIn(ReadOnlySpan<int> ranges, int point)
    {
        for (int at = 0; at < ranges.Length; at += 2)
        {
            if (point >= ranges[at] && point <= ranges[at + 1])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An expression with categories, written for <see cref="Collapse"/>: a category becomes its character and its part of ASCII.</summary>
    public static string CollapseExpression(string expression)
    {
        StringBuilder collapsed = new();
        bool inside = false;
        for (int at = 0; at < expression.Length; at++)
        {
            char character = expression[at];
            bool escaped = at > 0 && expression[at - 1] == '\\';
            if (character is '[' or ']' && !escaped)
            {
                inside = character == '[';
                collapsed.Append(character);
            }
            else if (character == '\\' && at + 2 < expression.Length && expression[at + 1] == 'p' && expression[at + 2] == '{')
            {
                int end = expression.IndexOf('}', at);
                string members = expression[(at + 3)..end] switch
                {
                    "N" => NumberCharacter + "0-9",
                    "P" => PunctuationCharacter + @"!-#%-*,-/:-;?-@\[-\]_\{\}",
                    "M" => MarkCharacter.ToString(),
                    "S" => SymbolCharacter + @"\$\+<->\^`\|\~",
                    _ => LetterCharacter + "A-Za-z",
                };
                collapsed.Append(inside ? members : $"[{members}]");
                at = end;
            }
            else
            {
                collapsed.Append(character);
            }
        }

        return collapsed.ToString();
    }
}
