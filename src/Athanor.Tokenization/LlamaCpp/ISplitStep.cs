using System.Text.RegularExpressions;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>One of the steps of a pre-tokenizer of llama.cpp: it cuts every word of the step before it further.</summary>
internal interface ISplitStep
{
    /// <summary>An expression of Oniguruma whose matches are the same cuts; null where there is none.</summary>
    string? Expression { get; }

    /// <summary>Cuts words.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lengths">The words so far, in code points; together they are the text.</param>
    /// <param name="result">Where the lengths of the new words go.</param>
    void Split(CodePointText text, List<int> lengths, List<int> result);
}

/// <summary>
/// Cuts before and after every match of an expression. An expression with categories runs on a text where each code point is replaced by a character for its
/// class, as in llama.cpp; <c>\s</c>, <c>\d</c> and <c>\w</c> are those of ECMAScript.
/// </summary>
internal sealed class ExpressionStep : ISplitStep
{
    private readonly Lazy<Regex> _expression;
    private readonly bool _categories;
    private readonly int[] _letters;

    /// <param name="expression">The expression.</param>
    /// <param name="letters">Ranges (first and last) beyond plane 0 that it treats like <c>A</c>.</param>
    public ExpressionStep(string expression, params int[] letters)
    {
        _categories = expression.Contains(@"\p{", StringComparison.Ordinal);
        _letters = letters;
        Expression = Literal(expression, letters);
        _expression = new Lazy<Regex>(() => new Regex(
            _categories ? CodePointText.CollapseExpression(expression) : expression,
            RegexOptions.ECMAScript | RegexOptions.Compiled));
    }

    public string Expression { get; }

    public void Split(CodePointText text, List<int> lengths, List<int> result)
    {
        ReadOnlySpan<char> characters = _categories ? text.Collapse() : text.Plain(_letters);
        int start = 0;
        foreach (int length in lengths)
        {
            int done = 0;
            foreach (ValueMatch match in _expression.Value.EnumerateMatches(characters.Slice(start, length)))
            {
                Add(match.Index - done, result);
                Add(match.Length, result);
                done = match.Index + match.Length;
            }

            Add(length - done, result);
            start += length;
        }
    }

    // Characters as they are, and the ranges beyond plane 0 in the class of the letters
    private static string Literal(string expression, int[] letters)
    {
        string literal = Regex.Replace(expression, @"\\u([0-9A-F]{4})", match => ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString());
        string ranges = string.Concat(letters.Chunk(2).Select(range => $"{char.ConvertFromUtf32(range[0])}-{char.ConvertFromUtf32(range[1])}"));
        return ranges.Length == 0 ? literal : literal.Insert(literal.LastIndexOf(']'), ranges);
    }

    private static void Add(int length, List<int> result)
    {
        if (length > 0)
        {
            result.Add(length);
        }
    }
}
