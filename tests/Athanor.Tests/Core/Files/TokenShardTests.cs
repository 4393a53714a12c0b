using System.Buffers.Binary;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Xunit;

namespace Athanor.Tests.Core.Files;

public sealed class TokenShardTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("athanor-shard");

    private string Shard => Path.Combine(_folder.FullName, "train", "text");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(int.MaxValue)]
    public void What_was_written_is_read_back(int maximum)
    {
        int[][] sequences = Sequences(maximum);
        Write(maximum, sequences);
        using TokenShard shard = TokenShard.Open(Shard);

        Assert.Equal(sequences.Length, shard.Sequences);
        Assert.Equal(sequences.Sum(sequence => (long)sequence.Length), shard.Tokens);
        Assert.Equal(sequences, Enumerable.Range(0, shard.Sequences).Select(shard.ReadSequence));
        int[] all = new int[shard.Tokens];
        shard.Read(0, all);
        Assert.Equal(sequences.SelectMany(sequence => sequence), all);
        Assert.Equal(sequences.Take(7).Sum(sequence => sequence.Length), shard.OffsetOf(7));
    }

    [Fact]
    public void The_bytes_are_those_of_Megatron()
    {
        Write(4095, [[1, 4095], [], [7]]);

        Assert.Equal([1, 0, 0xFF, 0x0F, 7, 0], File.ReadAllBytes(Shard + ".bin"));
        byte[] index = File.ReadAllBytes(Shard + ".idx");
        Assert.Equal("MMIDIDX\0\0"u8.ToArray(), index[..9]);
        Assert.Equal(1UL, BinaryPrimitives.ReadUInt64LittleEndian(index.AsSpan(9)));
        Assert.Equal(8, index[17]);
        Assert.Equal(3UL, BinaryPrimitives.ReadUInt64LittleEndian(index.AsSpan(18)));
        Assert.Equal(4UL, BinaryPrimitives.ReadUInt64LittleEndian(index.AsSpan(26)));
        int[] lengths = [.. Enumerable.Range(0, 3).Select(at => BinaryPrimitives.ReadInt32LittleEndian(index.AsSpan(34 + (4 * at))))];
        long[] longs = [.. Enumerable.Range(0, 7).Select(at => BinaryPrimitives.ReadInt64LittleEndian(index.AsSpan(46 + (8 * at))))];
        Assert.Equal([2, 0, 1], lengths);
        Assert.Equal([0L, 4, 4, 0, 1, 2, 3], longs);
        Assert.Equal(46 + 56, index.Length);
    }

    [Fact]
    public void An_empty_shard_opens()
    {
        Write(10, []);
        using TokenShard shard = TokenShard.Open(Shard);
        Assert.Equal(0, shard.Sequences);
        Assert.Equal(0, shard.Tokens);
        shard.Read(0, []);
    }

    [Fact]
    public void Nothing_appears_before_it_is_complete_and_nothing_stays_when_it_is_abandoned()
    {
        using (TokenShardWriter writer = new(Shard, 100))
        {
            writer.Append([1, 2, 3]);
            Assert.False(File.Exists(Shard + ".bin"));
            Assert.False(File.Exists(Shard + ".idx"));
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Shard)!));
        Assert.Throws<AthanorException>(() => TokenShard.Open(Shard));
    }

    [Fact]
    public void A_token_above_the_maximum_is_refused()
    {
        using TokenShardWriter writer = new(Shard, 100);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Append([101]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Append([-1]));
    }

    [Fact]
    public void Reading_outside_is_refused()
    {
        Write(100, [[1, 2, 3]]);
        using TokenShard shard = TokenShard.Open(Shard);
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.Read(1, new int[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.Read(-1, new int[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.LengthOf(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.OffsetOf(-1));
    }

    [Fact]
    public void A_damaged_shard_is_read_or_refused()
    {
        Write(70000, Sequences(70000));
        byte[] index = File.ReadAllBytes(Shard + ".idx");
        byte[] data = File.ReadAllBytes(Shard + ".bin");
        foreach (byte[] mutant in Mutation.Of(index, 300, "shard/index"))
        {
            File.WriteAllBytes(Shard + ".idx", mutant);
            ReadOrRefuse();
        }

        File.WriteAllBytes(Shard + ".idx", index);
        foreach (byte[] mutant in Mutation.Of(data, 200, "shard/data"))
        {
            File.WriteAllBytes(Shard + ".bin", mutant);
            ReadOrRefuse();
        }
    }

    private static int[][] Sequences(int maximum)
    {
        RandomStream random = new RandomStreams(1).Open("shard", maximum);
        return [.. Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, random.NextInt32(40)).Select(_ => random.NextInt32(Math.Min(maximum, int.MaxValue - 1) + 1)).ToArray()), [maximum]];
    }

    private void Write(int maximum, int[][] sequences)
    {
        using TokenShardWriter writer = new(Shard, maximum);
        foreach (int[] sequence in sequences)
        {
            writer.Append(sequence);
        }

        writer.Complete();
    }

    private void ReadOrRefuse()
    {
        try
        {
            using TokenShard shard = TokenShard.Open(Shard);
            for (int sequence = 0; sequence < shard.Sequences; sequence++)
            {
                shard.ReadSequence(sequence);
            }
        }
        catch (AthanorException exception)
        {
            Assert.Contains(Shard, exception.Message, StringComparison.Ordinal);
        }
    }
}
