using System.Globalization;
using System.Text;
using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>A chain of additions and subtractions, worked from left to right: operands 1 to 9, every partial result 0 to 99.</summary>
/// <param name="Operands">The numbers, one more than there are operations.</param>
/// <param name="Added">For each operation, whether its operand is added (else subtracted).</param>
internal sealed record Chain(IReadOnlyList<int> Operands, IReadOnlyList<bool> Added)
{
    /// <summary>How many operations it has.</summary>
    public int Length => Added.Count;

    /// <summary>The results after each operation.</summary>
    public IEnumerable<int> Results
    {
        get
        {
            int value = Operands[0];
            for (int index = 0; index < Length; index++)
            {
                value += Added[index] ? Operands[index + 1] : -Operands[index + 1];
                yield return value;
            }
        }
    }

    /// <summary>The final result.</summary>
    public int Answer => Results.Last();

    /// <summary>
    /// What is the same for every order of the same numbers: the added ones sorted, then the subtracted ones. Splits are decided by it, so that no held-out
    /// chain is a training chain in another order.
    /// </summary>
    public string CanonicalForm
    {
        get
        {
            int[] added = [Operands[0], .. Enumerable.Range(0, Length).Where(index => Added[index]).Select(index => Operands[index + 1])];
            int[] subtracted = [.. Enumerable.Range(0, Length).Where(index => !Added[index]).Select(index => Operands[index + 1])];
            return "+" + string.Concat(added.Order()) + "-" + string.Concat(subtracted.Order());
        }
    }

    /// <summary>The expression, such as <c>7 + 8 - 3</c>.</summary>
    public string Expression
    {
        get
        {
            StringBuilder text = new();
            text.Append(Operands[0]);
            for (int index = 0; index < Length; index++)
            {
                text.Append(Added[index] ? " + " : " - ").Append(Operands[index + 1]);
            }

            return text.ToString();
        }
    }

    /// <summary>Draws a chain; a sign that would leave the range is turned.</summary>
    public static Chain Draw(RandomStream random, int length)
    {
        int[] operands = new int[length + 1];
        bool[] added = new bool[length];
        int value = operands[0] = random.NextInt32(1, 10);
        for (int index = 0; index < length; index++)
        {
            int operand = operands[index + 1] = random.NextInt32(1, 10);
            added[index] = random.NextInt32(2) == 0;
            int next = added[index] ? value + operand : value - operand;
            if (next is < 0 or > 99)
            {
                added[index] = !added[index];
                next = added[index] ? value + operand : value - operand;
            }

            value = next;
        }

        return new Chain(operands, added);
    }
}

/// <summary>How chains are put into words: the one place that knows.</summary>
internal static class ChainFormat
{
    /// <summary>The question that asks for worked steps.</summary>
    public static string StepQuestion(Chain chain) => $"Step by step: {chain.Expression} = ?";

    /// <summary>The question that asks for the answer alone.</summary>
    public static string DirectQuestion(Chain chain) => $"{chain.Expression} = ?";

    /// <summary>The worked steps and the answer: <c>7 + 8 = 15 ; 15 - 3 = 12 ; answer 12</c>.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="shuffle">Puts the steps in a random order where it is given.</param>
    public static string StepAnswer(Chain chain, RandomStream? shuffle = null)
    {
        string[] steps = new string[chain.Length];
        int value = chain.Operands[0];
        int index = 0;
        foreach (int result in chain.Results)
        {
            steps[index] = string.Create(CultureInfo.InvariantCulture, $"{value} {(chain.Added[index] ? '+' : '-')} {chain.Operands[index + 1]} = {result} ; ");
            value = result;
            index++;
        }

        shuffle?.Shuffle(steps.AsSpan());
        return string.Concat(steps) + DirectAnswer(chain);
    }

    /// <summary>The answer alone: <c>answer 12</c>.</summary>
    public static string DirectAnswer(Chain chain) => $"answer {chain.Answer}";
}
