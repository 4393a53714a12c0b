using System.Security.Cryptography;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;

namespace Athanor.Cli.Benchmarks;

/// <summary>
/// The text that tokenizers are timed on, built from what every machine with the SDK has: its documentation, its own source-like files, and synthetic text in many
/// scripts. Cut into documents of 4 KB, in an order that the seed gives.
/// </summary>
internal sealed class BenchText
{
    /// <summary>Bytes of a document, but for the last of a file.</summary>
    public const int DocumentBytes = 4096;

    private const int DocumentationBytes = 10_000_000;
    private const int SourceBytes = 10_000_000;
    private const int ScriptsBytes = 6_000_000;

    private static readonly HashSet<string> SourceExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".cs", ".targets", ".props", ".json", ".config", ".globalconfig", ".tasks", ".overridetasks", ".xaml", ".proj", ".pubxml", ".js", ".h", ".manifest", ".txt", ".fs", ".vb", ".xsd", ".editorconfig", ".resx",
    };

    private BenchText(string[] documentation, string[] source, string[] scripts, RandomStreams streams)
    {
        Documentation = documentation;
        string[] mixture = [.. documentation, .. source, .. scripts];
        streams.Open("bench/tokenizer/mixture").Shuffle(mixture.AsSpan());
        Mixture = mixture;
        SourceLength = Bytes(source);
        ScriptsLength = Bytes(scripts);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string document in mixture)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(document));
        }

        Digest = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Documents of the SDK's documentation.</summary>
    public IReadOnlyList<string> Documentation { get; }

    /// <summary>All documents.</summary>
    public IReadOnlyList<string> Mixture { get; }

    /// <summary>Bytes of the source-like documents; fewer than 10 MB where the SDK has no more.</summary>
    public long SourceLength { get; }

    /// <summary>Bytes of the synthetic documents.</summary>
    public long ScriptsLength { get; }

    /// <summary>SHA-256 of the mixture.</summary>
    public string Digest { get; }

    /// <summary>Reads and makes it.</summary>
    /// <exception cref="AthanorException">There is no SDK where the runtime lies.</exception>
    public static BenchText Build(long seed, CancellationToken cancellation)
    {
        RandomStreams streams = new(seed);
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        string packs = Path.Combine(root, "packs");
        if (!Directory.Exists(packs) || !Directory.Exists(Path.Combine(root, "sdk")))
        {
            throw new AthanorException($"{root} holds no .NET SDK, whose documentation is the text of this benchmark", "install the .NET SDK (not only the runtime) and run this with its dotnet");
        }

        string[] files = Directory.GetFiles(root, "*", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        bool IsDocumentation(string file) => file.StartsWith(packs, StringComparison.Ordinal) && file.EndsWith(".xml", StringComparison.OrdinalIgnoreCase);
        string[] documentation = Documents(files.Where(IsDocumentation), DocumentationBytes, streams.Open("bench/tokenizer/documentation"), cancellation);
        string[] source = Documents(
            files.Where(file => !IsDocumentation(file) && (SourceExtensions.Contains(Path.GetExtension(file)) || file.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))),
            SourceBytes,
            streams.Open("bench/tokenizer/source"),
            cancellation);
        string[] scripts = [.. Cut(ManyScripts.Text(ScriptsBytes, streams))];
        return new BenchText(documentation, source, scripts, streams);
    }

    /// <summary>Bytes of documents in UTF-8.</summary>
    public static long Bytes(IEnumerable<string> documents) => documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document));

    // Files that the SDK holds twice count once; of the documents of all files as many as asked for, in an order that the stream gives
    private static string[] Documents(IEnumerable<string> files, int bytes, RandomStream random, CancellationToken cancellation)
    {
        HashSet<string> seen = [];
        List<string> all = [];
        foreach (string file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            string text = File.ReadAllText(file);
            if (seen.Add(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))))
            {
                all.AddRange(Cut(text));
            }
        }

        string[] order = [.. all];
        random.Shuffle(order.AsSpan());
        long taken = 0;
        return [.. order.TakeWhile(document => (taken += Encoding.UTF8.GetByteCount(document)) <= bytes)];
    }

    private static IEnumerable<string> Cut(string text)
    {
        int start = 0;
        int bytes = 0;
        for (int at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int width);
            if (bytes + rune.Utf8SequenceLength > DocumentBytes)
            {
                yield return text[start..at];
                (start, bytes) = (at, 0);
            }

            bytes += rune.Utf8SequenceLength;
            at += width;
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }
}
