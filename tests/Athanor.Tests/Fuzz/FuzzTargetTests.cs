using Athanor.Core.Errors;
using Athanor.Fuzz;
using Xunit;

namespace Athanor.Tests.Fuzz;

/// <summary>The first few hundred of the damages that <c>athanor-fuzz</c> tries by the hundred thousand.</summary>
public sealed class FuzzTargetTests
{
    public static TheoryData<string> Kinds => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_damaged_file_is_read_or_refused_and_takes_little_memory(string kind)
    {
        using TemporaryFolder folder = new();
        (int refused, IReadOnlyList<string> faults) = FuzzTarget.All.Single(target => target.Name == kind).Run(folder.Path, 0, 220);
        Assert.Empty(faults);
        Assert.InRange(refused, kind is "shard-data" or "text" ? 0 : 20, 220);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_undamaged_sample_is_read_to_its_end(string kind)
    {
        using TemporaryFolder folder = new();
        FuzzTarget target = FuzzTarget.All.Single(one => one.Name == kind);
        target.Make(folder.Path);
        string path = Path.Combine(folder.Path, target.FileName);
        if (kind == "xml-with-doctype")
        {
            Assert.Throws<AthanorException>(() => target.Read(path));
        }
        else
        {
            target.Read(path);
        }
    }

    [Theory]
    [InlineData("recipe", 452)]
    [InlineData("recipe", 2314)]
    public void A_damage_that_once_broke_a_reader_is_read_or_refused(string kind, int number)
    {
        using TemporaryFolder folder = new();
        Assert.Empty(FuzzTarget.All.Single(target => target.Name == kind).Run(folder.Path, number, 1).Faults);
    }
}
