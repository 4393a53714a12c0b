using System.Text.Json.Nodes;
using Athanor.Cli.Stages;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Recipes;
using Athanor.Corpora.Documentation;
using Athanor.Corpora.Sources;
using Athanor.Corpora.Statistics;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using Athanor.Tests;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Chat.Jinja;
using Athanor.Tokenization.Training;
using ParquetSharp;
using ZstdSharp;

namespace Athanor.Fuzz;

/// <summary>A kind of file that comes from outside, and what reads it.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="FileName">The name that a damaged file gets.</param>
/// <param name="Make">Makes an undamaged one in a folder.</param>
/// <param name="Read">Reads a damaged one to its end: without a fault, or with an <see cref="AthanorException"/>.</param>
internal sealed record FuzzTarget(string Name, string FileName, Action<string> Make, Action<string> Read)
{
    /// <summary>Bytes that reading one damaged file may allocate.</summary>
    public const long MostBytes = 256L << 20;

    /// <summary>Time that reading one damaged file may take.</summary>
    public static readonly TimeSpan MostTime = TimeSpan.FromSeconds(20);

    private const string Recipe = """
        name: smoke # a comment
        seed: 3
        stages:
          corpus: { use: corpus.build, largest_documents: 600, chains: 2000, problems: ~ }
          tokenizer:
            use: tokenizer.train
            parts: [documentation, "chains"]
            vocabulary_size: 1024
          tokens: { use: tokens.encode }
          pretrain: &p { use: model.pretrain, corpus: corpus, depth: 2, learning_rate: 5.0e-3, mixture: { documentation: 0.5, chains: 0.5 } }
          evaluate: { use: model.evaluate, models: [pretrain] }
          report: { use: report.write, models: [pretrain] }
        profiles:
          tiny: { corpus: { chains: 10 }, pretrain: { depth: 1 } }
        """;

    private const string Xml = """
        <?xml version="1.0"?>
        <doc><assembly><name>A.B</name></assembly><members>
        <member name="M:A.C.D(System.String,System.Collections.Generic.List{System.Int32})"><summary>Gets the <see cref="T:A.E"/> of &lt;it&gt;.</summary><param name="x">An <c>x</c>.</param><returns>It.</returns>
        <remarks><para>One</para><list type="bullet"><item><description>Two</description></item></list><code>a &amp; b</code></remarks><exception cref="T:System.ArgumentException">Bad.</exception></member>
        <member name="P:A.C.Item(System.Int32)"><summary>é数据</summary><value>The <paramref name="i"/>.</value></member></members></doc>
        """;

    private const string Template = """
        {%- macro f(a, b=1) %}{% for m in a if m.role != 'x' %}{{ loop.index ~ m['content'] | trim }}{% else %}none{% endfor %}{% endmacro %}
        {% set ns = namespace(n=0) %}{% for m in messages[::-1] %}{% set ns.n = ns.n + m.content | length %}{%- if ns.n > 3 and 'a' in m.content %}{{ m | tojson(indent=2) }}{% elif not m is defined %}x{% endif %}{% endfor %}
        {{ f(messages, b="q\n") }} {{ [1, 2.5, {'k': (1,)}][0:2] }} {{ '%s' % ns.n }} {# c #} {{ messages | map(attribute='role') | join(', ') }} {{ 1 if x is none else 2 ** 3 // 2 }}
        """;

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("recipe", "recipe.yaml", folder => Text(folder, "recipe.yaml", Recipe), path =>
        {
            foreach (string? profile in (string?[])[null, "tiny"])
            {
                new RecipeReader(StageCatalog.All()).Read(path, new RecipeOptions { Profile = profile });
            }
        }),
        new("jsonl", "a.jsonl", folder => Documents(Path.Combine(folder, "a.jsonl")), ReadDocuments),
        new("gzip", "a.jsonl.gz", folder => Documents(Path.Combine(folder, "a.jsonl.gz")), ReadDocuments),
        new("zstd", "a.jsonl.zst", folder => Documents(Path.Combine(folder, "a.jsonl.zst")), ReadDocuments),
        new("jsonl-in-zstd", "inner", folder => Documents(Path.Combine(folder, "inner.jsonl"), "inner"), path =>
        {
            string packed = path + ".jsonl.zst";
            using (FileStream file = File.Create(packed))
            using (CompressionStream stream = new(file))
            {
                stream.Write(File.ReadAllBytes(path));
            }

            ReadDocuments(packed);
        }),
        new("text", "a.txt", folder => Text(folder, "a.txt", "One paragraph of naïve text, 数据.\r\n\r\nAnother one\twith blanks.\n\n\n\nLast"), path => _ = PlainTextReader.Read(path, "a", new SourceTally()).Count()),
        new("parquet", "a.parquet", folder => Parquet(Path.Combine(folder, "a.parquet")), path => _ = ParquetTextReader.Read(path, "a", "text", new SourceTally()).Count()),
        new("xml", "a.xml", folder => Text(folder, "a.xml", Xml), path => _ = XmlDocumentationReader.Read(path).Count()),

        // refused at the document type, unless the damage is to the document type
        new("xml-with-doctype", "a.xml", folder => Text(folder, "a.xml", Xml.Replace("<doc>", "<!DOCTYPE doc [<!ENTITY a \"b\">]><doc>", StringComparison.Ordinal)), path => _ = XmlDocumentationReader.Read(path).Count()),
        new("tokenizer.json", "tokenizer.json", folder => SmallTokenizer().Save(Path.Combine(folder, "tokenizer.json")), ReadTokenizer),
        new("config.json", "config.json", WriteConfig, path => Checkpoint.ReadSpec(Path.GetDirectoryName(path)!)),
        new("safetensors", "a.safetensors", folder => SafetensorsFile.Write(
            Path.Combine(folder, "a.safetensors"),
            [TensorToWrite.Singles("a.weight", [4, 3], () => new float[12]), TensorToWrite.Integers("b", [3], () => new long[3]), TensorToWrite.Singles("c", [], () => new float[1])],
            new Dictionary<string, string> { ["format"] = "pt" }), ReadTensors),
        new("shard-index", "a.idx", folder => WriteShard(Path.Combine(folder, "a")), ReadShard),
        new("shard-data", "a.bin", folder => WriteShard(Path.Combine(folder, "a")), ReadShard),
        new("chat-template", "a.jinja", folder => Text(folder, "a.jinja", Template), path =>
        {
            JsonArray messages = [new JsonObject { ["role"] = "user", ["content"] = "a question" }, new JsonObject { ["role"] = "assistant", ["content"] = "é" }];
            JinjaTemplate.Parse(File.ReadAllText(path)).Render(new JsonObject { ["messages"] = messages }, TimeProvider.System);
        }),
    ];

    /// <summary>Reads some damaged files; the same numbers give the same damage.</summary>
    /// <param name="folder">Where they are written, one after the other.</param>
    /// <param name="from">The first damage's number.</param>
    /// <param name="count">How many.</param>
    /// <param name="begun">Told each number before its file is read.</param>
    /// <returns>How many were refused, and what went wrong, a line each.</returns>
    public (int Refused, IReadOnlyList<string> Faults) Run(string folder, int from, int count, Action<int>? begun = null)
    {
        Make(folder);
        string path = Path.Combine(folder, FileName);
        byte[] original = File.ReadAllBytes(path);
        int refused = 0;
        List<string> faults = [];
        int number = from;
        foreach (byte[] damaged in Mutation.Of(original, from, count, $"fuzz/{Name}"))
        {
            using (FileStream file = File.Create(path))
            {
                file.Write(damaged);
            }

            begun?.Invoke(number);
            long before = GC.GetTotalAllocatedBytes();
            try
            {
                Read(path);
            }
            catch (AthanorException)
            {
                refused++;
            }
            catch (Exception exception)
            {
                faults.Add($"{Name} {number}: {exception.GetType().Name}: {exception.Message} {exception.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Athanor", StringComparison.Ordinal))?.Trim()}");
            }

            long taken = GC.GetTotalAllocatedBytes() - before;
            if (taken > MostBytes)
            {
                faults.Add($"{Name} {number}: {taken:N0} bytes allocated");
            }

            number++;
        }

        return (refused, faults);
    }

    private static void Text(string folder, string name, string text) => AtomicFile.WriteText(Path.Combine(folder, name), text);

    private static void Documents(string path, string? renamed = null)
    {
        JsonLines.Write(path, Enumerable.Range(0, 12).Select(number => new Document
        {
            Id = $"d{number}",
            Text = number % 2 == 0 ? $"text {number} \"quoted\" \u2028 😀 \u0001" : "",
            Messages = number % 3 == 1 ? [new ChatMessage(ChatMessage.User, "q"), new ChatMessage(ChatMessage.Assistant, "é")] : null,
            Metadata = number % 4 == 0 ? new JsonObject { ["k"] = new JsonArray(1, 2.5, null, new JsonObject()) } : null,
        }));
        if (renamed is not null)
        {
            File.Move(path, Path.Combine(Path.GetDirectoryName(path)!, renamed), overwrite: true);
        }
    }

    private static void ReadDocuments(string path)
    {
        foreach (Document document in JsonLines.Read<Document>(path))
        {
            _ = document.Metadata?.ToJsonString();
        }

        _ = JsonTextReader.Read(path, "a", "text", new SourceTally()).Count();
    }

    private static void Parquet(string path)
    {
        using ParquetFileWriter writer = new(path, [new Column<string>("id"), new Column<string>("text")]);
        using RowGroupWriter group = writer.AppendRowGroup();
        foreach (string column in (string[])["d", "some text "])
        {
            using LogicalColumnWriter<string> texts = group.NextColumn().LogicalWriter<string>();
            texts.WriteBatch([.. Enumerable.Range(0, 40).Select(number => $"{column}{number % 7}")]);
        }

        writer.Close();
    }

    private static Tokenizer SmallTokenizer() => BytePairTrainer.Train(["the river of stone and the stone of rivers", "naïve 数据"], 290, ChatTemplate.SpecialTokens);

    private static void ReadTokenizer(string path)
    {
        Tokenizer tokenizer = Tokenizer.Load(path);
        _ = tokenizer.Decode(tokenizer.Encode("the stone, naïve"));
    }

    private static void WriteConfig(string folder)
    {
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(64, 32, 8, 1, 2, 1, 4, 16, tiedHead: true));
        CheckpointWriter.Write(folder, plan, name => new float[plan[name].Count], SpecialTokenIds.None);
    }

    private static void ReadTensors(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (TensorEntry tensor in file.Tensors.Values)
        {
            _ = tensor.Type is TensorType.F16 or TensorType.BF16 or TensorType.F32 or TensorType.F64 ? file.ReadDoubles(tensor.Name).Length : file.ReadIntegers(tensor.Name).Length;
        }
    }

    private static void WriteShard(string path)
    {
        using TokenShardWriter writer = new(path, 70_000);
        for (int sequence = 0; sequence < 9; sequence++)
        {
            writer.Append([.. Enumerable.Range(0, sequence * 3).Select(token => token * 7_000 % 70_000)]);
        }

        writer.Complete();
    }

    private static void ReadShard(string path)
    {
        using TokenShard shard = TokenShard.Open(Path.ChangeExtension(path, null));
        for (int sequence = 0; sequence < shard.Sequences; sequence++)
        {
            _ = shard.ReadSequence(sequence).Length;
        }
    }
}
