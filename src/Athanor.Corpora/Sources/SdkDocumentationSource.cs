using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Athanor.Core.Errors;
using Athanor.Core.Stages;
using Athanor.Corpora.Documentation;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora.Sources;

/// <summary>
/// The API documentation that every .NET SDK carries as XML beside its reference assemblies (<c>packs/*.Ref/*/ref/net*/*.xml</c>), or where an SDK lacks
/// it, the XML beside restored NuGet packages. A text of some ten million characters that is on the machine already.
/// </summary>
internal sealed class SdkDocumentationSource
{
    // 4.7 MB of summaries that repeat instruction names
    private const string LeftOut = "System.Runtime.Intrinsics.xml";

    private readonly IReadOnlyList<string> _files;

    private SdkDocumentationSource(string name, IReadOnlyList<string> files)
    {
        Name = name;
        _files = files;
    }

    /// <summary>What the source is, such as <c>.NET SDK 10.0.12 API documentation</c>.</summary>
    public string Name { get; }

    /// <summary>The files it reads, in order.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Finds the documentation of this machine: the packs of the running .NET, then the NuGet cache.</summary>
    /// <exception cref="AthanorException">Neither has any.</exception>
    public static SdkDocumentationSource Find()
    {
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string packs = Path.Combine(root, "packs");
        if (FindInPacks(packs) is { } source)
        {
            return source;
        }

        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return FindInPackages(cache)
            ?? throw new AthanorException(
                $"no API documentation is found, neither under {packs} nor under {cache}",
                "install the .NET SDK (not only the runtime), or give a text of your own with --set corpus.path=FOLDER");
    }

    /// <summary>The documentation under a folder of reference packs; null where there is none.</summary>
    internal static SdkDocumentationSource? FindInPacks(string packs)
    {
        List<string> files = [];
        List<string> versions = [];
        foreach (string pack in Folders(packs).Where(folder => folder.EndsWith(".Ref", StringComparison.Ordinal)))
        {
            // Several versions of a pack say nearly the same: the newest speaks
            if (Folders(pack).MaxBy(VersionOf) is not { } version)
            {
                continue;
            }

            int before = files.Count;
            foreach (string framework in Folders(Path.Combine(version, "ref")).Where(folder => Path.GetFileName(folder).StartsWith("net", StringComparison.Ordinal)))
            {
                files.AddRange(XmlIn(framework));
            }

            if (files.Count > before)
            {
                versions.Add(Path.GetFileName(version));
            }
        }

        return files.Count == 0 ? null : new SdkDocumentationSource($".NET SDK {string.Join(", ", versions.Distinct())} API documentation", files);
    }

    /// <summary>The documentation beside the assemblies of restored packages; null where there is none.</summary>
    internal static SdkDocumentationSource? FindInPackages(string cache)
    {
        List<string> files = [];
        foreach (string package in Folders(cache))
        {
            if (Folders(package).MaxBy(VersionOf) is not { } version)
            {
                continue;
            }

            // One framework of each package: the newest name sorts last
            string? framework = Folders(Path.Combine(version, "lib")).LastOrDefault(folder => XmlIn(folder).Any());
            if (framework is not null)
            {
                files.AddRange(XmlIn(framework));
            }
        }

        return files.Count == 0 ? null : new SdkDocumentationSource("API documentation of restored NuGet packages", files);
    }

    /// <summary>Reads every type with its members. An entry with the same name and the same summary as an earlier one is left out, wherever it stands.</summary>
    public IReadOnlyList<DocumentedType> Read(SourceTally tally, IProgressTask progress, CancellationToken cancellation)
    {
        List<DocumentationEntry>[] entries = new List<DocumentationEntry>[_files.Count];
        AthanorException?[] faults = new AthanorException?[_files.Count];
        byte[][] digests = new byte[_files.Count][];
        int done = 0;
        Parallel.For(0, _files.Count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, index =>
        {
            try
            {
                using (FileStream stream = File.OpenRead(_files[index]))
                {
                    digests[index] = SHA256.HashData(stream);
                }

                entries[index] = [.. XmlDocumentationReader.Read(_files[index])];
            }
            catch (Exception exception) when (exception is AthanorException or IOException or UnauthorizedAccessException)
            {
                // One broken file of many is told in the report, it stops nothing
                faults[index] = exception as AthanorException ?? new AthanorException($"{_files[index]} cannot be read: {exception.Message}", "check that the file may be read", exception);
                entries[index] = [];
                digests[index] = new byte[SHA256.HashSizeInBytes];
            }

            progress.Report(Interlocked.Increment(ref done));
        });

        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int index = 0; index < _files.Count; index++)
        {
            all.AppendData(digests[index]);
            if (faults[index] is { } fault)
            {
                tally.Skip("file", fault.Message);
            }
            else
            {
                tally.AddFile(new FileInfo(_files[index]).Length);
            }
        }

        tally.Digest = Convert.ToHexStringLower(all.GetHashAndReset());
        return TypeAssembler.Assemble(entries.SelectMany(list => list), tally);
    }

    private static IEnumerable<string> XmlIn(string folder)
        => Directory.EnumerateFiles(folder, "*.xml").Where(file => Path.GetFileName(file) != LeftOut).Order(StringComparer.Ordinal);

    private static string[] Folders(string path)
    {
        try
        {
            return Directory.Exists(path) ? [.. Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal)] : [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static Version VersionOf(string folder)
        => Version.TryParse(Path.GetFileName(folder).Split('-')[0], out Version? version) ? version : new Version(0, 0);
}
