using Athanor.Training.Data;
using Xunit;

namespace Athanor.Tests.Training.Data;

public sealed class RowMixtureTests
{
    [Fact]
    public void Every_part_stays_within_a_few_rows_of_its_share()
    {
        double[] shares = [0.5, 0.3, 0.2];
        double[] tokens = [256, 200, 120];
        RowMixture mixture = new(shares, tokens);
        double[] used = new double[3];
        for (int row = 0; row < 2000; row++)
        {
            (int part, _) = mixture.Next();
            used[part] += tokens[part];
            for (int i = 0; i < 3; i++)
            {
                Assert.InRange(used[i] - (shares[i] * used.Sum()), -2 * 256, 2 * 256);
            }
        }
    }

    [Fact]
    public void Seeking_gives_what_stepping_gives()
    {
        RowMixture stepped = new([3, 1, 2], [10, 20, 30]);
        (int, long)[] expected = [.. Enumerable.Range(0, 100).Select(_ => stepped.Next())];
        RowMixture sought = new([3, 1, 2], [10, 20, 30]);
        foreach (int position in (int[])[57, 3, 99, 0])
        {
            sought.Seek(position);
            Assert.Equal(expected[position], sought.Next());
        }
    }
}
