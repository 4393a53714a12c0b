using Athanor.Torch.Kernels;
using Xunit;

namespace Athanor.Tests.Torch.Kernels;

public sealed class OpenMpTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Every_iteration_runs_once(int count)
    {
        int[] runs = new int[count];
        OpenMp.For(count, (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                Interlocked.Increment(ref runs[i]);
            }
        });
        Assert.All(runs, run => Assert.Equal(1, run));
    }

    [Fact]
    public void An_exception_comes_out() => Assert.Throws<InvalidTimeZoneException>(() => OpenMp.For(10, (from, _) => throw new InvalidTimeZoneException(from.ToString())));
}
