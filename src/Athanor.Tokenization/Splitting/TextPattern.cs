using Athanor.Tokenization.Splitting.Expressions;

namespace Athanor.Tokenization.Splitting;

/// <summary>What is looked for in a text: a string as it is, or an expression in the syntax of Oniguruma.</summary>
internal sealed class TextPattern
{
    private readonly Expression? _expression;

    private TextPattern(string text, Expression? expression)
    {
        Text = text;
        _expression = expression;
    }

    /// <summary>The string or the expression as it is written.</summary>
    public string Text { get; }

    /// <summary>Whether it is an expression.</summary>
    public bool IsExpression => _expression is not null;

    /// <summary>A string. An empty one is found before every character and at the end.</summary>
    public static TextPattern OfString(string text) => new(text, null);

    /// <summary>An expression.</summary>
    /// <exception cref="Core.Errors.AthanorException">It is none, or has a part that is not read here.</exception>
    public static TextPattern OfExpression(string text) => new(text, Expression.Parse(text));

    /// <summary>Appends all matches, from left to right, none overlapping. A match may be empty, but not where another ended.</summary>
    /// <param name="text">The text, without unpaired surrogates.</param>
    /// <param name="matches">Where they go.</param>
    public void FindMatches(ReadOnlySpan<char> text, List<TextMatch> matches)
    {
        if (_expression is not null)
        {
            _expression.FindMatches(text, matches);
        }
        else if (Text.Length == 0)
        {
            for (int at = 0; at <= text.Length; at += at < text.Length && char.IsHighSurrogate(text[at]) ? 2 : 1)
            {
                matches.Add(new TextMatch(at, at));
            }
        }
        else
        {
            int start = 0;
            while (text[start..].IndexOf(Text, StringComparison.Ordinal) is int found and >= 0)
            {
                matches.Add(new TextMatch(start + found, start + found + Text.Length));
                start += found + Text.Length;
            }
        }
    }
}

/// <summary>A part of a text that matches.</summary>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct TextMatch(int Start, int End);
