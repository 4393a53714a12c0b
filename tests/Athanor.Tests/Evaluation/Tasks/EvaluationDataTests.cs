using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Evaluation.Tasks;
using Xunit;

namespace Athanor.Tests.Evaluation.Tasks;

public sealed class EvaluationDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("athanor-problems-").FullName;

    public EvaluationDataTests() => JsonLines.Write(
        Path.Combine(_folder, CorpusLayout.Problems(CorpusLayout.Test, "operations")),
        Enumerable.Range(0, 600).Select(index => new Problem { Id = $"{index}", Task = "operations", Messages = [], Answer = "" }));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_limit_keeps_the_balance_of_problems_that_go_round(int period)
    {
        IEnumerable<int> shares = Draw(300).CountBy(index => index % period).Select(pair => pair.Value);
        Assert.Equal(period, shares.Count());
        Assert.All(shares, share => Assert.InRange(share, 300 / period * 0.75, 300 / period * 1.25));
    }

    [Fact]
    public void A_smaller_limit_asks_a_part_of_what_a_larger_one_asks_in_the_order_of_the_file()
    {
        int[] many = Draw(300);
        int[] few = Draw(100);
        Assert.Equal(100, few.Distinct().Count());
        Assert.Empty(few.Except(many));
        Assert.Equal(few.Order(), few);
        Assert.Equal(Enumerable.Range(0, 600), Draw(600));
    }

    private int[] Draw(int limit) => [.. new EvaluationData(_folder, CorpusLayout.Test).Problems("operations", limit).Select(problem => int.Parse(problem.Id))];
}
