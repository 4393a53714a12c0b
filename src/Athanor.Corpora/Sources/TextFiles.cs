using Athanor.Core.Documents;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora.Sources;

/// <summary>The texts of a user's files and folders, as the corpus builder reads them: plain text, Markdown, JSON lines, Parquet.</summary>
public sealed class TextFiles
{
    private readonly List<UserTextSource> _sources;

    /// <summary>Finds the files.</summary>
    /// <param name="paths">Files, and folders that are searched with their subfolders.</param>
    /// <param name="field">The key or column of the text where a file has records.</param>
    /// <exception cref="Athanor.Core.Errors.AthanorException">A path is missing or holds no file of a known kind.</exception>
    public TextFiles(IEnumerable<string> paths, string field = "text")
    {
        _sources = [.. paths.Select(path => new UserTextSource(path, field))];
        Files = [.. _sources.SelectMany(source => source.Files)];
    }

    /// <summary>The files in the order they are read.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Bytes of text, where no file is packed or has records; otherwise null.</summary>
    public long? TextBytes => Files.All(file => file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".md", StringComparison.OrdinalIgnoreCase))
        ? Files.Sum(file => new FileInfo(file).Length)
        : null;

    /// <summary>The texts, the same in the same order each time.</summary>
    /// <param name="warn">Told of records that cannot be read, once for each source.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="Athanor.Core.Errors.AthanorException">A file cannot be read at all.</exception>
    public IEnumerable<string> Read(Action<string> warn, CancellationToken cancellation)
    {
        foreach (UserTextSource source in _sources)
        {
            SourceTally tally = new();
            foreach (Document document in source.Read(tally, _ => { }, cancellation))
            {
                yield return document.Text;
            }

            foreach (UnreadableRecords unreadable in tally.ToStatistics("texts").Unreadable)
            {
                warn($"{unreadable.Count:N0} texts left out, {unreadable.Fault}: {unreadable.Places[0]}");
            }
        }
    }
}
