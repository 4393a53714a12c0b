using System.IO.Compression;
using System.Text.Json;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Corpora;
using Athanor.Corpora.Sources;
using Athanor.Corpora.Statistics;
using ParquetSharp;
using Encoding = System.Text.Encoding;
using Xunit;

namespace Athanor.Tests.Corpora;

public sealed class UserTextTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("athanor-text-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_folder_of_every_kind_is_read()
    {
        Raw("data/a.txt", Encoding.UTF8.GetBytes("plain é"));
        Raw("data/b.md", [.. Encoding.UTF8.Preamble, .. "# mark\r\ndown"u8]);
        Raw("data/c.txt", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("sixteen")]);
        Raw("data/d.jsonl", Lines("json"));
        Raw("data/sub/e.jsonl.gz", Gzip(Lines("packed")));
        JsonLines.Write(PathOf("data/f.jsonl.zst"), [new { text = "zstd" }]);
        Parquet(PathOf("data/g.parquet"), "text", ["row", null, "", "last"]);
        Raw("data/h.png", [1, 2, 3]);
        SourceTally tally = new();
        Document[] documents = Read(PathOf("data"), tally);
        Assert.Equal(["plain é\n", "# mark\ndown\n", "sixteen\n", "json", "zstd", "row", "last", "packed"], documents.Select(document => document.Text));
        Assert.Equal("d.jsonl:1", documents[3].Id);
        Assert.Equal("sub/e.jsonl.gz:1", documents[^1].Id);
        Assert.Equal(7, tally.Files);
        Assert.Equal(64, tally.Digest.Length);
        Assert.Equal(1, tally.ToStatistics("x").LeftOut["a file of another kind"]);
    }

    [Fact]
    public void A_bad_record_is_counted_with_its_place()
    {
        Raw("a.jsonl", [.. Lines("good"), .. "nonsense\n{\"other\":1}\n{\"text\":3}\n{\"text\":\"\\ud800\"}\n"u8, 0xFF, (byte)'\n', .. Lines("good too")]);
        SourceTally tally = new();
        Assert.Equal(["good", "good too"], Read(PathOf("a.jsonl"), tally).Select(document => document.Text));
        UnreadableRecords unreadable = Assert.Single(tally.ToStatistics("x").Unreadable);
        Assert.Equal(5, unreadable.Count);
        Assert.StartsWith($"{PathOf("a.jsonl")}:2: ", unreadable.Places[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Mis_encoded_pieces_are_counted_and_the_rest_is_read()
    {
        string paragraph = CleaningTests.Prose(1, 1200) + "\n\n";
        byte[] good = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(paragraph, 10)));
        Raw("a.txt", [.. good, 0xE9, 0x20, .. good]);
        SourceTally tally = new();
        Document[] documents = Read(PathOf("a.txt"), tally);
        Assert.True(documents.Length > 2);
        Assert.DoesNotContain(documents, document => document.Text.Contains('\uFFFD', StringComparison.Ordinal));
        Assert.Equal(1, Assert.Single(tally.ToStatistics("x").Unreadable).Count);
    }

    [Fact]
    public void A_long_file_is_cut_into_pieces_that_give_it_back()
    {
        string text = string.Join("\n\n", Enumerable.Range(0, 60).Select(i => CleaningTests.Prose(i, 300))) + new string('x', 40_000);
        Raw("a.txt", Encoding.UTF8.GetBytes(text));
        Document[] documents = Read(PathOf("a.txt"), new SourceTally());
        Assert.True(documents.Length > 4);
        Assert.All(documents, document => Assert.InRange(document.Text.Length, 1, 16_001));
        Assert.Equal(documents.Length, documents.Select(document => document.Id).Distinct().Count());
        Assert.Equal(Squeezed(text), Squeezed(string.Concat(documents.Select(document => document.Text))));

        static string Squeezed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("b.bin")]
    [InlineData("c.jsonl")]
    [InlineData("d.parquet")]
    [InlineData("e.jsonl.gz")]
    [InlineData("f.parquet")]
    public void A_source_that_cannot_be_read_at_all_is_a_fault_of_the_user(string name)
    {
        Directory.CreateDirectory(PathOf("empty"));
        Raw("b.bin", [1]);
        Raw("c.jsonl", "{\"content\":\"x\"}\n"u8.ToArray());
        Raw("d.parquet", "PAR1 not really"u8.ToArray());
        Raw("e.jsonl.gz", "not gzip"u8.ToArray());
        Parquet(PathOf("f.parquet"), "content", ["x"]);
        AthanorException fault = Assert.Throws<AthanorException>(() => Read(PathOf(name), new SourceTally()));
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("a.jsonl")]
    [InlineData("a.parquet")]
    public void A_mutated_file_is_read_or_refused(string name)
    {
        Raw("a.txt", Encoding.UTF8.GetBytes(CleaningTests.Prose(1, 200)));
        Raw("a.jsonl", [.. Enumerable.Range(0, 20).SelectMany(i => Lines("text " + i))]);
        Parquet(PathOf("a.parquet"), "text", [.. Enumerable.Range(0, 300).Select(i => CleaningTests.Prose(i, 5))]);
        byte[] whole = File.ReadAllBytes(PathOf(name));
        Directory.CreateDirectory(PathOf("m"));
        foreach (byte[] bytes in Mutation.Of(whole, 250, "user text " + name))
        {
            File.WriteAllBytes(PathOf("m/" + name), bytes);
            try
            {
                _ = Read(PathOf("m/" + name), new SourceTally());
            }
            catch (AthanorException)
            {
            }
        }
    }

    [Fact]
    public async Task A_text_of_ones_own_gives_all_splits_and_says_what_is_left_out()
    {
        Raw("data/a.txt", Encoding.UTF8.GetBytes(string.Join("\n\n", Enumerable.Range(0, 400).Select(i => CleaningTests.Prose(i, 120)))));
        StageRun run = new(_folder.FullName);
        await run.BuildAsync(new BuildCorpusSettings { Path = PathOf("data") });
        CorpusStatistics statistics = CorpusStatistics.Read(Path.Combine(run.Output, "statistics.json"));
        Assert.Equal(["train", "validation", "test"], statistics.Parts.Select(part => part.Split));
        Assert.All(statistics.Parts, part => Assert.True(part is { Part: "text", Documents: > 0 }));
        Assert.Contains(statistics.Notes, note => note.Contains("multiple choice", StringComparison.Ordinal));
        Assert.Empty(statistics.Problems);
        Assert.Equal(2, statistics.Leaks.Count);
        Document[] test = [.. JsonLines.Read<Document>(Path.Combine(run.Output, "test/text.jsonl.zst"))];
        Assert.Equal(statistics.Parts[2].Documents, test.Length);
    }

    [Fact]
    public async Task Too_little_text_is_refused_with_what_removed_it()
    {
        Raw("data/a.txt", "just this"u8.ToArray());
        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(() => new StageRun(_folder.FullName).BuildAsync(new BuildCorpusSettings { Path = PathOf("data") }));
        Assert.Contains("too_short 1", fault.Message, StringComparison.Ordinal);
    }

    private static Document[] Read(string path, SourceTally tally) => [.. new UserTextSource(path, "text").Read(tally, _ => { }, default)];

    private static byte[] Lines(string text) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { text }) + "\n");

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream memory = new();
        using (GZipStream packed = new(memory, CompressionLevel.Fastest))
        {
            packed.Write(bytes);
        }

        return memory.ToArray();
    }

    private static void Parquet(string path, string column, string?[] rows)
    {
        using ParquetFileWriter writer = new(path, [new Column<int>("n"), new Column<string>(column)]);
        using RowGroupWriter group = writer.AppendRowGroup();
        using (LogicalColumnWriter<int> numbers = group.NextColumn().LogicalWriter<int>())
        {
            numbers.WriteBatch([.. Enumerable.Range(0, rows.Length)]);
        }

        using (LogicalColumnWriter<string?> texts = group.NextColumn().LogicalWriter<string?>())
        {
            texts.WriteBatch(rows);
        }

        writer.Close();
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void Raw(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), bytes);
    }
}
