using System.Globalization;
using System.Text.RegularExpressions;

namespace Athanor.Evaluation.Metrics;

/// <summary>
/// What went right in the worked steps of a chain of additions and subtractions. A chain fails in three ways: it takes the wrong operand from the question,
/// it calculates wrongly, or it goes on from another number than the one it had reached; each is counted apart, because a model learns them at different times.
/// </summary>
/// <param name="Expected">How many steps the question needs.</param>
/// <param name="Written">How many steps the answer has.</param>
/// <param name="OperandRight">Steps whose operator and second operand are those of the question at that place.</param>
/// <param name="ArithmeticRight">Steps whose result follows from the operands written in them.</param>
/// <param name="CarriedRight">Steps that begin with the result the step before wrote (the first: with the question's first number).</param>
public sealed partial record ChainOfSteps(int Expected, int Written, int OperandRight, int ArithmeticRight, int CarriedRight)
{
    /// <summary>Compares an answer's steps (<c>7 + 8 = 15 ; 15 - 3 = 12 ; answer 12</c>) with the last chain of a question (<c>7 + 8 - 3 = ?</c>).</summary>
    /// <returns>The counts; null where the question is no chain.</returns>
    public static ChainOfSteps? Compare(string question, string answer)
    {
        if (Chain().Matches(question).LastOrDefault() is not { } chain)
        {
            return null;
        }

        CaptureCollection operators = chain.Groups["operator"].Captures;
        CaptureCollection operands = chain.Groups["operand"].Captures;
        string carried = chain.Groups["first"].Value;
        int written = 0, operand = 0, arithmetic = 0, carriedRight = 0;
        foreach (string part in answer.Split(';').TakeWhile(part => !part.TrimStart().StartsWith("answer", StringComparison.Ordinal)))
        {
            Match step = Step().Match(part);
            if (step.Success)
            {
                string sign = step.Groups["operator"].Value;
                string right = step.Groups["right"].Value;
                string result = step.Groups["result"].Value;
                bool known = written < operators.Count;
                operand += known && operators[written].Value == sign && operands[written].Value == right ? 1 : 0;
                arithmetic += known && Calculate(step.Groups["left"].Value, sign, right) == Number(result) ? 1 : 0;
                carriedRight += known && step.Groups["left"].Value == carried ? 1 : 0;
                carried = result;
            }
            else
            {
                carried = "";
            }

            written++;
        }

        return new ChainOfSteps(operators.Count, written, operand, arithmetic, carriedRight);
    }

    /// <summary>The last chain in a text, such as <c>7 + 8 - 3 = ?</c>; null where there is none.</summary>
    public static string? Expression(string text) => Chain().Matches(text).LastOrDefault()?.Value;

    private static long Calculate(string left, string sign, string right) => sign == "+" ? Number(left) + Number(right) : Number(left) - Number(right);

    private static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    // at most nine digits, so that a model's nonsense cannot overflow
    [GeneratedRegex(@"(?<first>-?\d{1,9})(\s*(?<operator>[+-])\s*(?<operand>\d{1,9}))+\s*=\s*\?", RegexOptions.CultureInvariant)]
    private static partial Regex Chain();

    [GeneratedRegex(@"^\s*(?<left>-?\d{1,9})\s*(?<operator>[+-])\s*(?<right>\d{1,9})\s*=\s*(?<result>-?\d{1,9})\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Step();
}
