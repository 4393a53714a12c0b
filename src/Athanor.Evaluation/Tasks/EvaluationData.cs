using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;

namespace Athanor.Evaluation.Tasks;

/// <summary>The held-out problems and documents of a corpus, read once.</summary>
/// <param name="folder">The corpus artifact's folder.</param>
/// <param name="split">Which split is asked.</param>
public sealed class EvaluationData(string folder, string split)
{
    private readonly Dictionary<string, IReadOnlyList<Problem>> _problems = [];
    private readonly Dictionary<string, IReadOnlyList<Document>> _documents = [];

    /// <summary>The split.</summary>
    public string Split { get; } = split;

    /// <summary>The parts that have held-out documents, in alphabetical order.</summary>
    public IReadOnlyList<string> Parts
    {
        get
        {
            string home = Path.Combine(folder, Split);
            return Directory.Exists(home)
                ? [.. Directory.EnumerateFiles(home, "*.jsonl.zst").Select(file => Path.GetFileName(file)[..^".jsonl.zst".Length]).Order(StringComparer.Ordinal)]
                : [];
        }
    }

    /// <summary>Whether the corpus has problems of a task.</summary>
    public bool HasProblems(string task) => File.Exists(Path.Combine(folder, CorpusLayout.Problems(Split, task)));

    /// <summary>At most so many problems of a task, drawn once for all, so that every model is asked the same and a smaller limit asks a part of a larger one's.</summary>
    public IReadOnlyList<Problem> Problems(string task, int limit)
    {
        if (!_problems.TryGetValue(task, out IReadOnlyList<Problem>? problems))
        {
            problems = [.. JsonLines.Read<Problem>(Path.Combine(folder, CorpusLayout.Problems(Split, task)))];
            _problems[task] = problems;
        }

        return Draw(problems, limit);
    }

    /// <summary>At most so many documents of a part, drawn as the problems are.</summary>
    public IReadOnlyList<Document> Documents(string part, int limit)
    {
        if (!_documents.TryGetValue(part, out IReadOnlyList<Document>? documents))
        {
            documents = [.. JsonLines.Read<Document>(Path.Combine(folder, CorpusLayout.Documents(Split, part)))];
            _documents[part] = documents;
        }

        return Draw(documents, limit);
    }

    // not the first ones, and not every n-th: generators go round in lengths and operations, files in subjects
    private static IReadOnlyList<T> Draw<T>(IReadOnlyList<T> all, int limit)
    {
        if (all.Count <= limit)
        {
            return all;
        }

        int[] order = [.. Enumerable.Range(0, all.Count)];
        new RandomStreams(seed: 0).Open("evaluate/problems").Shuffle(order.AsSpan());
        return [.. order.Take(limit).Order().Select(index => all[index])];
    }
}
