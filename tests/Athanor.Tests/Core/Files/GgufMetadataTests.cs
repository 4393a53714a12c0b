using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Xunit;

namespace Athanor.Tests.Core.Files;

public sealed class GgufMetadataTests
{
    private static readonly byte[] Good = new GgufWriter()
        .Add("general.name", "small")
        .Add("tokens", "a", "", "▁b")
        .Add("scores", [1.5f, -2])
        .Add("types", [1, -1])
        .Add("map", new byte[] { 7, 8 })
        .Add("flag", true)
        .Add("id", 3_000_000_000)
        .ToArray();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Values_of_every_kind_are_read(uint version)
    {
        byte[] file = [.. Good];
        file[4] = (byte)version;
        GgufMetadata metadata = Read(file);
        Assert.Equal((int)version, metadata.Version);
        Assert.Equal("small", metadata.Text("general.name"));
        GgufStrings tokens = metadata.Strings("tokens")!;
        Assert.Equal(["a", "", "▁b"], Enumerable.Range(0, tokens.Count).Select(tokens.TextOf));
        Assert.Equal([1.5f, -2], metadata.Array<float>("scores")!);
        Assert.Equal([1, -1], metadata.Array<int>("types")!);
        Assert.Equal([7, 8], metadata.Array<byte>("map")!);
        Assert.True(metadata.Flag("flag"));
        Assert.Equal(3_000_000_000, metadata.Integer("id"));
        Assert.Null(metadata.Text("none"));
    }

    [Fact]
    public void A_value_of_another_kind_is_a_fault_that_names_the_key()
    {
        GgufMetadata metadata = Read(Good);
        Assert.Contains("general.name holds a string", Assert.Throws<AthanorException>(() => metadata.Flag("general.name")).Message, StringComparison.Ordinal);
        Assert.Contains("tokens holds an array of strings", Assert.Throws<AthanorException>(() => metadata.Text("tokens")).Message, StringComparison.Ordinal);
        Assert.Throws<AthanorException>(() => metadata.Array<int>("scores"));
        Assert.Throws<AthanorException>(() => metadata.Integer("flag"));
    }

    [Fact]
    public void A_file_that_claims_more_than_it_has_takes_no_memory()
    {
        // The counts of an array of strings, of one of numbers, and of a string's bytes, each as large as can be
        foreach (byte[] value in (byte[][])[[9, 0, 0, 0, 8, 0, 0, 0], [9, 0, 0, 0, 12, 0, 0, 0], [8, 0, 0, 0]])
        {
            foreach (ulong count in (ulong[])[ulong.MaxValue, long.MaxValue, 1UL << 40, 1UL << 31, 1000])
            {
                byte[] file = [.. "GGUF"u8, 3, 0, 0, 0, .. BitConverter.GetBytes(0UL), .. BitConverter.GetBytes(1UL), 1, 0, 0, 0, 0, 0, 0, 0, (byte)'k', .. value, .. BitConverter.GetBytes(count)];
                long before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Throws<AthanorException>(() => Read(file));
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("GGUF")]
    [InlineData("PK\u0003\u0004 something else")]
    public void What_is_no_GGUF_is_refused(string content) => Assert.Contains("x.gguf", Assert.Throws<AthanorException>(() => Read(Encoding.UTF8.GetBytes(content))).Message, StringComparison.Ordinal);

    [Fact]
    public void Other_versions_and_byte_orders_are_refused_by_name()
    {
        Assert.Contains("version 1", Assert.Throws<AthanorException>(() => Read(new GgufWriter().ToArray(1))).Message, StringComparison.Ordinal);
        Assert.Contains("big-endian", Assert.Throws<AthanorException>(() => Read(new GgufWriter().ToArray(3 << 24))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_occurs_twice_is_refused() =>
        Assert.Contains("occurs twice", Assert.Throws<AthanorException>(() => Read(new GgufWriter().Add("a", true).Add("a", false).ToArray())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_file_is_read_or_refused()
    {
        foreach (byte[] damaged in Mutation.Of(Good, 500, "gguf metadata"))
        {
            try
            {
                Read(damaged);
            }
            catch (AthanorException)
            {
            }
        }
    }

    private static GgufMetadata Read(byte[] file) => GgufMetadata.Read(new MemoryStream(file), "x.gguf");
}
