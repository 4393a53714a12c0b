using Athanor.Torch.Measuring;
using Xunit;

namespace Athanor.Tests.Torch.Measuring;

/// <summary>The library of products is the process's: nothing else runs beside.</summary>
[CollectionDefinition(nameof(MatrixSpeedTests), DisableParallelization = true)]
[Collection(nameof(MatrixSpeedTests))]
public sealed class MatrixSpeedTests
{
    [Fact]
    public void Measuring_leaves_the_library_as_it_was()
    {
        ProductBackend before = Float32Products.Current;
        MatrixSpeed speed = MatrixSpeed.Measure(TestContext.Current.CancellationToken);
        Assert.Equal(before, Float32Products.Current);
        Assert.True(speed.Float32Mkl > 0 && speed.BFloat16 > 0);
        Assert.True(speed.Float32 >= speed.Float32Mkl);
        Assert.True(Float32Products.OneDnnIsExact == speed.Float32OneDnn is not null);
    }
}
