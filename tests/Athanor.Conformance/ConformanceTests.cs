using Xunit;

namespace Athanor.Conformance;

public sealed class ConformanceTests(ConformanceTable table)
{
    private static readonly Dictionary<string, IConformanceKind> Kinds = typeof(IConformanceKind).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IConformanceKind)))
        .Select(type => (IConformanceKind)Activator.CreateInstance(type)!)
        .ToDictionary(kind => kind.Kind);

    public static TheoryData<string> Cases => [.. ReferenceCase.Roots().SelectMany(ReferenceCase.FoldersIn)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_product_computes_what_another_implementation_computed(string folder)
    {
        ReferenceCase reference = ReferenceCase.Open(folder);
        Assert.True(Kinds.TryGetValue(reference.Kind, out IConformanceKind? kind), $"{folder}: unknown kind {reference.Kind}");
        Assert.NotEmpty(kind.Precisions);
        foreach (Precision precision in kind.Precisions)
        {
            CaseResults results = new();
            kind.Run(reference, precision, results);
            IReadOnlyList<ComparedEntry> entries = results.CompareWith(reference, precision);
            string[] faults = [.. entries.Where(entry => entry.Fault is not null).Select(entry => $"{entry.Name} {entry.Fault}")];
            table.Add(Path.GetFileName(folder), precision, entries.Max(entry => entry.LargestError), faults.Length == 0);
            Assert.True(faults.Length == 0, $"{reference.Name} ({precision}): {string.Join("; ", faults.Take(5))}");
        }
    }

    [Fact]
    public void Every_reference_folder_holds_cases()
    {
        foreach (string root in ReferenceCase.Roots())
        {
            Assert.NotEmpty(ReferenceCase.FoldersIn(root));
        }
    }
}
