namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>
/// An expression in the syntax of Oniguruma (as Hugging Face tokenizers use it: default options, Unicode 16.0), over code points. It finds what a backtracking engine
/// finds, in time proportional to the length of the text: where backtracking begins to cost too much, what has failed is remembered.
/// </summary>
/// <remarks>
/// Not read, because nobody can bound their time or no tokenizer uses them: back-references, calls of groups, conditions, absent functions, callouts, the options other
/// than i, m and x.
/// </remarks>
internal sealed class Expression
{
    private readonly ExpressionProgram _program;

    private Expression(ExpressionProgram program) => _program = program;

    /// <summary>Reads an expression.</summary>
    /// <exception cref="Core.Errors.AthanorException">It is none, is too large, or has a part that is not read here.</exception>
    public static Expression Parse(string pattern) => new(new ExpressionCompiler(pattern).Compile(new ExpressionParser(pattern).Parse()));

    /// <summary>Appends all matches, from left to right, none overlapping. A match may be empty, but not where another ended.</summary>
    /// <param name="text">The text, without unpaired surrogates.</param>
    /// <param name="matches">Where they go.</param>
    public void FindMatches(ReadOnlySpan<char> text, List<TextMatch> matches) =>
        FindMatches(text, matches, ExpressionMatcher.LeastSteps + ((long)ExpressionMatcher.StepsPerUnit * text.Length));

    /// <summary>The same, with the number of steps after which failures are remembered.</summary>
    internal void FindMatches(ReadOnlySpan<char> text, List<TextMatch> matches, long steps)
    {
        ExpressionMatcher matcher = new(_program, text, steps);
        int start = 0, lastEnd = -1;
        while (start <= text.Length && matcher.TryFind(start, out TextMatch match))
        {
            if (match.End == match.Start && match.End == lastEnd)
            {
                start += start < text.Length && char.IsHighSurrogate(text[start]) ? 2 : 1;
                continue;
            }

            matches.Add(match);
            start = lastEnd = match.End;
        }

        matcher.Dispose();
    }
}
