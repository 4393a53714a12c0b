using System.Text;
using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Xunit;

namespace Athanor.Tests.Core;

public sealed class JsonLinesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("athanor-jsonl-");

    public static TheoryData<string> Names => ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_written_is_read_back(string name)
    {
        string path = PathOf(name);
        Document[] documents = [.. Enumerable.Range(0, 1000).Select(Sample)];
        Assert.Equal(1000, JsonLines.Write(path, documents));
        Document[] read = [.. JsonLines.Read<Document>(path)];
        Assert.Equal(documents.Select(d => (d.Id, d.Text, d.Messages?.Count, d.Metadata?.ToJsonString())), read.Select(d => (d.Id, d.Text, d.Messages?.Count, d.Metadata?.ToJsonString())));
        Assert.Equal(documents[2].Messages, read[2].Messages);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_values_give_the_same_bytes(string name)
    {
        string other = PathOf("b" + name);
        JsonLines.Write(PathOf(name), Enumerable.Range(0, 300).Select(Sample));
        JsonLines.Write(other, Enumerable.Range(0, 300).Select(Sample));
        Assert.Equal(File.ReadAllBytes(PathOf(name)), File.ReadAllBytes(other));
    }

    [Fact]
    public void Keys_are_the_fields_own()
    {
        string path = PathOf("a.jsonl");
        JsonLines.Write<Document>(path, [new Document { Id = "x", Text = "é <b> 漢" }]);
        Assert.Equal("{\"id\":\"x\",\"text\":\"é <b> 漢\"}\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_fault_names_file_and_line()
    {
        string path = Raw("a.jsonl", "{\"id\":\"x\"}\n\r\n  \n{\"id\":3}\n");
        AthanorException fault = Assert.Throws<AthanorException>(() => JsonLines.Read<Document>(path).ToList());
        Assert.StartsWith(path + ":4: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"x\",\"id\":\"y\"}")]
    [InlineData("{\"id\":\"x\",\"metadata\":{\"a\":1,\"a\":2}}")]
    [InlineData("{\"id\":\"x\",\"text\":\"\\ud800\"}")]
    [InlineData("{\"id\":\"x\",\"metadata\":{\"a\":\"\\ud800\"}}")]
    [InlineData("{\"id\":\"x\"} {}")]
    public void A_line_that_is_not_the_value_is_refused(string line)
    {
        string path = Raw("a.jsonl", line);
        Assert.Throws<AthanorException>(() => JsonLines.Read<Document>(path).ToList());
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        string path = PathOf("a.jsonl");
        using (FileStream file = File.Create(path))
        {
            file.Write("{\"id\":\"\xE9"u8[..7]);
            file.Write([0xE9, (byte)'"', (byte)'}']);
        }

        Assert.Contains("UTF-8", Assert.Throws<AthanorException>(() => JsonLines.Read<Document>(path).ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_a_fault_of_the_user()
        => Assert.Throws<AthanorException>(() => JsonLines.Read<Document>(PathOf("none.jsonl")).ToList());

    [Fact]
    public void Values_that_fail_leave_no_file()
    {
        static IEnumerable<Document> Failing()
        {
            yield return Sample(1);
            throw new InvalidOperationException();
        }

        Assert.Throws<InvalidOperationException>(() => JsonLines.Write(PathOf("a.jsonl.zst"), Failing()));
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void A_line_over_the_limit_is_marked_and_the_next_is_read()
    {
        string path = Raw("a.txt", new string('x', 200_000) + "\nshort\n" + new string('y', 1001) + "\n" + new string('z', 1000));
        var lines = LineFile.Read(path, limit: 1000).Select(line => (line.Number, line.Bytes.Length, line.TooLong)).ToList();
        Assert.Equal([(1, 0, true), (2, 5, false), (3, 0, true), (4, 1000, false)], lines);
    }

    [Fact]
    public void A_bomb_is_refused()
    {
        string path = PathOf("bomb.jsonl.zst");
        byte[] lines = new byte[1 << 20];
        lines.AsSpan().Fill((byte)'\n');
        using (FileStream file = File.Create(path))
        using (ZstdSharp.CompressionStream packed = new(file, 3))
        {
            for (int i = 0; i < 64; i++)
            {
                packed.Write(lines);
            }
        }

        Assert.Contains("times its size", Assert.Throws<AthanorException>(() => JsonLines.Read<Document>(path).Count()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_truncated_packed_file_is_refused(string name)
    {
        JsonLines.Write(PathOf(name), Enumerable.Range(0, 300).Select(Sample));
        byte[] bytes = File.ReadAllBytes(PathOf(name));
        using (FileStream file = File.Create(PathOf(name)))
        {
            file.Write(bytes.AsSpan(0, bytes.Length / 2));
        }

        Assert.Throws<AthanorException>(() => JsonLines.Read<Document>(PathOf(name)).ToList());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_mutated_file_is_read_or_refused(string name)
    {
        string path = PathOf(name);
        JsonLines.Write(path, Enumerable.Range(0, 40).Select(Sample));
        byte[] whole = File.ReadAllBytes(path);
        string mutant = PathOf("mutant-" + name);
        foreach (byte[] bytes in Mutation.Of(whole, 300, name))
        {
            using (FileStream file = File.Create(mutant))
            {
                file.Write(bytes);
            }

            try
            {
                foreach (Document document in JsonLines.Read<Document>(mutant))
                {
                    _ = document.Metadata?.ToJsonString();
                }
            }
            catch (AthanorException)
            {
            }
        }
    }

    private static Document Sample(int i) => new()
    {
        Id = "d" + i,
        Text = i % 3 == 2 ? "" : $"text {i} \"quoted\" \\ \u2028 😀 \u0001" + new string('a', i),
        Messages = i % 3 == 2 ? [new ChatMessage("user", "q"), new ChatMessage("assistant", "a\nb")] : null,
        Metadata = i % 2 == 0 ? new JsonObject { ["n"] = i, ["t"] = "é" } : null,
    };

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Raw(string name, string content)
    {
        using FileStream file = File.Create(PathOf(name));
        file.Write(Encoding.UTF8.GetBytes(content));
        return PathOf(name);
    }
}
