namespace Athanor.Statistics.NGrams;

/// <summary>
/// What is taken off n-grams seen once, twice, and three times or more (Chen and Goodman 1998, section 4.1): with t_k the number of n-grams whose adjusted
/// count is k and Y = t_1/(t_1 + 2 t_2), D_k = k − (k + 1) Y t_(k+1)/t_k.
/// </summary>
/// <param name="One">For a count of 1.</param>
/// <param name="Two">For a count of 2.</param>
/// <param name="Many">For a count of 3 or more.</param>
public readonly record struct Discounts(double One, double Two, double Many)
{
    /// <summary>The discount of an adjusted count.</summary>
    public double Of(int count) => count switch { <= 0 => 0, 1 => One, 2 => Two, _ => Many };

    /// <summary>
    /// The discounts of an order. Text too small or too regular to estimate them (a t_k of zero, or a discount outside 0 to k) gets KenLM's fallback,
    /// 0.5, 1 and 1.5.
    /// </summary>
    /// <param name="countOfCounts">t_1 to t_4.</param>
    internal static Discounts From(ReadOnlySpan<long> countOfCounts)
    {
        Span<double> discounts = stackalloc double[3];
        double share = countOfCounts[0] / (double)(countOfCounts[0] + (2 * countOfCounts[1]));
        for (int count = 1; count <= 3; count++)
        {
            double discount = count - ((count + 1) * share * countOfCounts[count] / countOfCounts[count - 1]);
            if (!(discount >= 0 && discount <= count))
            {
                return new Discounts(0.5, 1, 1.5);
            }

            discounts[count - 1] = discount;
        }

        return new Discounts(discounts[0], discounts[1], discounts[2]);
    }
}
