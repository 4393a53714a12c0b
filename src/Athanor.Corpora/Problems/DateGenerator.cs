using System.Globalization;
using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>Which of two dates is earlier. A third of the pairs differ in the year, a third in the month, a third in the day alone.</summary>
internal sealed class DateGenerator() : WorkedGenerator("dates")
{
    protected internal override WorkedProblem Draw(RandomStream random)
    {
        DateOnly first = Any(random);
        DateOnly second;
        int level = random.NextInt32(3);
        do
        {
            DateOnly other = Any(random);
            second = new DateOnly(level == 0 ? other.Year : first.Year, level <= 1 ? other.Month : first.Month, other.Day);
        }
        while (second == first || (level == 0 && second.Year == first.Year) || (level == 1 && second.Month == first.Month));
        DateOnly earlier = first < second ? first : second;
        List<string> steps = [];
        if (first.Year != second.Year)
        {
            steps.Add(Compare("year", first.Year, second.Year));
        }
        else if (first.Month != second.Month)
        {
            steps.Add("same year");
            steps.Add(Compare("month", first.Month, second.Month));
        }
        else
        {
            steps.Add("same year");
            steps.Add("same month");
            steps.Add(Compare("day", first.Day, second.Day));
        }

        (DateOnly low, DateOnly high) = first < second ? (first, second) : (second, first);
        return new WorkedProblem(Words(low) + "|" + Words(high), $"which is earlier, {Words(first)} or {Words(second)} ?", steps, Words(earlier));
    }

    private static string Compare(string what, int a, int b) => string.Create(CultureInfo.InvariantCulture, $"{what} {a} {(a < b ? "before" : "after")} {b}");

    private static string Words(DateOnly date) => date.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    // Every month has 28 days: no draw is invalid
    private static DateOnly Any(RandomStream random) => new(random.NextInt32(1900, 2030), random.NextInt32(1, 13), random.NextInt32(1, 29));
}
