using System.Security.Cryptography;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora.Sources;

/// <summary>A file or a folder of files of the user's: plain text, Markdown, JSON lines, Parquet, told apart by name.</summary>
internal sealed class UserTextSource
{
    private static readonly string[] Endings = [".txt", ".md", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"];

    private readonly string _root;
    private readonly string _field;

    /// <summary>Finds the files.</summary>
    /// <param name="path">A file, or a folder that is searched with its subfolders; hidden ones and links are passed over.</param>
    /// <param name="field">The key or column of the text.</param>
    /// <exception cref="AthanorException">The path is missing or holds no file of a known kind.</exception>
    public UserTextSource(string path, string field)
    {
        _field = field;
        string known = string.Join(", ", Endings);
        if (File.Exists(path))
        {
            _root = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Files = [Path.GetFullPath(path)];
            Others = 0;
            if (!IsKnown(path))
            {
                throw new AthanorException($"{path} is no kind of file that texts are read from", $"name a file that ends in {known}");
            }

            return;
        }

        if (!Directory.Exists(path))
        {
            throw new AthanorException($"{path} is neither a file nor a folder", $"name a file that ends in {known}, or a folder with such files");
        }

        _root = Path.GetFullPath(path);
        EnumerationOptions options = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint };
        string[] all = [.. Directory.EnumerateFiles(_root, "*", options).Order(StringComparer.Ordinal)];
        Files = [.. all.Where(IsKnown)];
        Others = all.Length - Files.Count;
        if (Files.Count == 0)
        {
            throw new AthanorException($"{path} holds no file that texts are read from ({all.Length} of other kinds)", $"put files there that end in {known}");
        }
    }

    /// <summary>The files in order.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Files of other kinds, which are passed over.</summary>
    public int Others { get; }

    /// <summary>Streams the documents; records that cannot be read are counted with their place.</summary>
    /// <param name="tally">Counts.</param>
    /// <param name="report">Told the bytes of finished files.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="AthanorException">A file cannot be read at all.</exception>
    public IEnumerable<Document> Read(SourceTally tally, Action<long> report, CancellationToken cancellation)
    {
        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Files)
        {
            cancellation.ThrowIfCancellationRequested();
            all.AppendData(Digest(file));
            string name = Path.GetRelativePath(_root, file).Replace('\\', '/');
            IEnumerable<Document> documents = Ends(file, ".parquet") ? ParquetTextReader.Read(file, name, _field, tally)
                : Ends(file, ".txt") || Ends(file, ".md") ? PlainTextReader.Read(file, name, tally)
                : JsonTextReader.Read(file, name, _field, tally);
            foreach (Document document in documents)
            {
                tally.Records++;
                yield return document;
            }

            tally.AddFile(new FileInfo(file).Length);
            report(tally.Bytes);
        }

        for (int other = 0; other < Others; other++)
        {
            tally.Drop("a file of another kind");
        }

        tally.Digest = Convert.ToHexStringLower(all.GetHashAndReset());
    }

    private static byte[] Digest(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return SHA256.HashData(stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{file} cannot be read: {exception.Message}", "check that the file may be read", exception);
        }
    }

    private static bool IsKnown(string file) => Endings.Any(ending => Ends(file, ending));

    private static bool Ends(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
