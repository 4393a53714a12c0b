using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Xunit;

[assembly: AssemblyFixture(typeof(Athanor.Conformance.ConformanceTable))]

namespace Athanor.Conformance;

/// <summary>Collects a row a case and leaves the table beside the test results: case, precision, largest error, verdict.</summary>
public sealed class ConformanceTable : IDisposable
{
    private readonly ConcurrentBag<(string Case, Precision Precision, double Error, bool Passed)> _rows = [];

    public void Add(string name, Precision precision, double error, bool passed) => _rows.Add((name, precision, error, passed));

    public void Dispose()
    {
        StringBuilder table = new("| case | precision | largest error | verdict |\n|---|---|---|---|\n");
        foreach ((string name, Precision precision, double error, bool passed) in _rows.OrderBy(row => row.Case, StringComparer.Ordinal).ThenBy(row => row.Precision))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {name} | {precision.ToString().ToLowerInvariant()} | {error:G3} | {(passed ? "passed" : "FAILED")} |\n");
        }

        table.Append(CultureInfo.InvariantCulture, $"\n{_rows.Count(row => row.Passed)} of {_rows.Count} passed.\n");
        Core.Files.AtomicFile.WriteText(Path.Combine(AppContext.BaseDirectory, "conformance.md"), table.ToString());
        Console.WriteLine(table.ToString());
    }
}
