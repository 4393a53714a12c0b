using Athanor.Evaluation.Tasks;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Evaluation.Tasks;

public sealed class BitsPerByteTests
{
    [Fact]
    public void Windows_score_every_token_once_with_context_before_it()
        => Prop.ForAll(Gen.Choose(0, 700).Two().ToArbitrary(), pair =>
        {
            (int length, int context) = (pair.Item1, 2 + (pair.Item2 / 4));
            List<(int Begin, int FirstTarget, int End)> windows = [.. BitsPerByte.Windows(length, context)];
            Assert.Equal(Enumerable.Range(1, Math.Max(0, length - 1)), windows.SelectMany(window => Enumerable.Range(window.FirstTarget, window.End - window.FirstTarget)));
            Assert.All(windows, window =>
            {
                Assert.InRange(window.End - window.Begin, 2, context);
                Assert.InRange(window.FirstTarget - window.Begin, Math.Min(window.FirstTarget, Math.Max(1, context / 4)), context);
            });
        }).QuickCheckThrowOnFailure();
}
