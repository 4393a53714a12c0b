using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.Stages;

/// <summary>Finds and reads the parts of a corpus.</summary>
internal static class CorpusParts
{
    private const string Extension = ".jsonl.zst";

    /// <summary>The parts of a split by name; those asked for, or all where none is.</summary>
    /// <exception cref="AthanorException">A part that was asked for is in no split.</exception>
    public static IReadOnlyList<string> Of(Artifact corpus, string split, IReadOnlyList<string> wanted)
    {
        foreach (string part in wanted)
        {
            if (!Present(corpus).Contains(part))
            {
                throw new AthanorException($"the corpus {corpus.Folder} has no part {part}", $"its parts are {string.Join(", ", Present(corpus))}; name those, or none for all");
            }
        }

        return [.. In(corpus, split).Where(part => wanted.Count == 0 || wanted.Contains(part))];
    }

    /// <summary>The documents of one part of one split.</summary>
    public static IEnumerable<Document> Read(Artifact corpus, string split, string part) =>
        JsonLines.Read<Document>(corpus.PathOf(CorpusLayout.Documents(split, part)));

    /// <summary>The texts of a document: its own, or what each turn says.</summary>
    public static IEnumerable<string> TextsOf(Document document) =>
        document.Messages is { } messages ? messages.Select(message => message.Content) : [document.Text];

    private static SortedSet<string> Present(Artifact corpus) =>
        new(new[] { CorpusLayout.Train, CorpusLayout.Validation, CorpusLayout.Test }.SelectMany(split => In(corpus, split)), StringComparer.Ordinal);

    private static IEnumerable<string> In(Artifact corpus, string split)
    {
        string folder = corpus.PathOf(split);
        return !Directory.Exists(folder)
            ? []
            : Directory.EnumerateFiles(folder, "*" + Extension).Select(path => Path.GetFileName(path)[..^Extension.Length]).Order(StringComparer.Ordinal);
    }
}
