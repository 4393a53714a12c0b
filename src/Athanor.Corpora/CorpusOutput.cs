using System.Globalization;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora;

/// <summary>Writes a corpus artifact's files and gathers their statistics.</summary>
internal sealed class CorpusOutput(string folder, CancellationToken cancellation)
{
    /// <summary>Sources so far.</summary>
    public List<SourceStatistics> Sources { get; } = [];

    /// <summary>Removals so far.</summary>
    public List<RemovalStatistics> Removals { get; } = [];

    /// <summary>Leak checks so far.</summary>
    public List<LeakStatistics> Leaks { get; } = [];

    /// <summary>Notes so far.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Parts so far.</summary>
    public List<PartStatistics> Parts { get; } = [];

    private List<ProblemStatistics> Problems { get; } = [];

    /// <summary>The full path of a file of the artifact.</summary>
    public string PathOf(string relative) => Path.Combine(folder, relative);

    /// <summary>Writes one part of one split.</summary>
    public void Write(string split, string part, IEnumerable<Document> documents)
    {
        PartCounter counter = new(split, part);
        JsonLines.Write(PathOf(CorpusLayout.Documents(split, part)), counter.Watch(documents), cancellation);
        Parts.Add(counter.ToStatistics());
    }

    /// <summary>Writes problems of one split, each to the file of its task; a task without a problem gets no file.</summary>
    public void WriteProblems(string split, IEnumerable<Problem> problems)
    {
        foreach (IGrouping<string, Problem> task in problems.GroupBy(problem => problem.Task))
        {
            Problem first = task.First();
            long count = JsonLines.Write(PathOf(CorpusLayout.Problems(split, task.Key)), task, cancellation);
            Problems.Add(new ProblemStatistics(split, task.Key, count, new ExampleProblem(PartCounter.Show(first.Messages), first.Answer, first.Choices)));
        }
    }

    /// <summary>Writes <c>statistics.json</c>.</summary>
    public void WriteStatistics()
    {
        CorpusStatistics statistics = new()
        {
            Sources = Sources,
            Parts = Parts,
            Removals = Removals,
            Leaks = Leaks,
            Problems = Problems,
            Notes = Notes,
        };
        statistics.Write(PathOf(CorpusLayout.Statistics));
    }

    /// <summary>What there is, a line each.</summary>
    public IEnumerable<string> Summary()
    {
        foreach (IGrouping<string, PartStatistics> part in Parts.GroupBy(part => part.Part))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{part.Key}: {string.Join(", ", part.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Documents:N0} {p.Split} ({p.Bytes / 1e6:N2} MB)")))}");
        }

        foreach (string note in Notes)
        {
            yield return note;
        }
    }
}
