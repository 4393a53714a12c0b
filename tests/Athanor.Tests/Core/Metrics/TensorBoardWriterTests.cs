using System.Buffers.Binary;
using System.Text;
using Athanor.Core.Metrics;
using Xunit;

namespace Athanor.Tests.Core.Metrics;

public sealed class TensorBoardWriterTests
{
    [Fact]
    public void Scalars_and_texts_are_read_back_with_step_and_time()
    {
        using TemporaryFolder folder = new();
        ManualClock clock = new();
        double start = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1e3;
        using (MetricsLog log = new(folder["metrics.jsonl"], clock))
        using (TensorBoardWriter.Follow(log, folder["tensorboard"], clock))
        {
            clock.Advance(TimeSpan.FromSeconds(2.5));
            log.Append(300, new Dictionary<string, double> { ["train/loss"] = 2.5, ["train/strange"] = double.NaN });
            log.AppendText(301, "sample/0", "naïve\n数");
        }

        Event[] events = ReadOnlyFile(folder["tensorboard"]);
        Assert.Equal(["brain.Event:2"], events.Take(1).Select(first => first.Version));
        Assert.Equal((300, start + 2.5), (events[1].Step, events[1].Time));
        Assert.Equal(2.5f, events[1].Scalars["train/loss"]);
        Assert.True(float.IsNaN(events[1].Scalars["train/strange"]));
        Assert.Equal(301, events[2].Step);
        Assert.Equal("    naïve\n    数", events[2].Texts["sample/0"]);
    }

    [Fact]
    public void It_can_be_read_while_it_is_written()
    {
        using TemporaryFolder folder = new();
        using MetricsLog log = new(folder["metrics.jsonl"], TimeProvider.System);
        using TensorBoardWriter writer = TensorBoardWriter.Follow(log, folder["tensorboard"], TimeProvider.System);
        log.Append(1, new Dictionary<string, double> { ["x"] = 1 });
        Assert.Equal(1f, ReadOnlyFile(folder["tensorboard"])[^1].Scalars["x"]);
    }

    [Fact]
    public void A_resumed_log_is_written_anew_without_what_was_cut()
    {
        using TemporaryFolder folder = new();
        ManualClock clock = new();
        using (MetricsLog log = new(folder["metrics.jsonl"], clock))
        using (TensorBoardWriter.Follow(log, folder["tensorboard"], clock))
        {
            for (int step = 1; step <= 4; step++)
            {
                log.Append(step, new Dictionary<string, double> { ["x"] = step });
            }
        }

        clock.Advance(TimeSpan.FromHours(1));
        using (MetricsLog log = new(folder["metrics.jsonl"], clock))
        {
            log.CutAfter(2);
            using TensorBoardWriter writer = TensorBoardWriter.Follow(log, folder["tensorboard"], clock);
            log.Append(3, new Dictionary<string, double> { ["x"] = 30 });
        }

        Assert.Equal([1f, 2f, 30f], ReadOnlyFile(folder["tensorboard"]).Skip(1).Select(read => read.Scalars["x"]));
    }

    private static Event[] ReadOnlyFile(string folder)
    {
        string path = Assert.Single(Directory.GetFiles(folder));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(path), StringComparison.Ordinal);
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        List<Event> events = [];
        for (int at = 0; at < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(MaskedCrc(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            ReadOnlySpan<byte> data = bytes.AsSpan(at + 12, length);
            Assert.Equal(MaskedCrc(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            events.Add(ReadEvent(data));
            at += length + 16;
        }

        return [.. events];
    }

    // bit by bit, from the definition: polynomial 0x1EDC6F41 reflected
    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int i = 0; i < 8; i++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    }

    private static Event ReadEvent(ReadOnlySpan<byte> data)
    {
        Event read = new();
        foreach ((int field, byte[] value) in Fields(data))
        {
            switch (field)
            {
                case 1: read.Time = BinaryPrimitives.ReadDoubleLittleEndian(value); break;
                case 2: read.Step = BinaryPrimitives.ReadInt64LittleEndian(value); break;
                case 3: read.Version = Encoding.UTF8.GetString(value); break;
                case 5:
                    foreach ((_, byte[] one) in Fields(value))
                    {
                        ReadValue(one, read);
                    }

                    break;
                default: Assert.Fail($"unknown field {field}"); break;
            }
        }

        return read;
    }

    private static void ReadValue(byte[] data, Event read)
    {
        Dictionary<int, byte[]> fields = Fields(data).ToDictionary(field => field.Number, field => field.Value);
        string tag = Encoding.UTF8.GetString(fields[1]);
        if (fields.TryGetValue(2, out byte[]? scalar))
        {
            read.Scalars.Add(tag, BinaryPrimitives.ReadSingleLittleEndian(scalar));
            return;
        }

        Dictionary<int, byte[]> tensor = Fields(fields[8]).ToDictionary(field => field.Number, field => field.Value);
        Assert.Equal(7, tensor[1][0]);
        (int _, byte[] plugin) = Fields(fields[9]).First(field => field.Number == 1);
        Assert.Equal("text", Encoding.UTF8.GetString(Fields(plugin).First().Value));
        read.Texts.Add(tag, Encoding.UTF8.GetString(tensor[8]));
    }

    // a number comes as its eight bytes
    private static List<(int Number, byte[] Value)> Fields(ReadOnlySpan<byte> data)
    {
        List<(int, byte[])> fields = [];
        int at = 0;
        while (at < data.Length)
        {
            ulong key = Number(data, ref at);
            int length = (key & 7) switch { 0 => 0, 1 => 8, 5 => 4, 2 => (int)Number(data, ref at), _ => throw new InvalidDataException() };
            if ((key & 7) == 0)
            {
                byte[] bytes = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, Number(data, ref at));
                fields.Add(((int)(key >> 3), bytes));
                continue;
            }

            fields.Add(((int)(key >> 3), data.Slice(at, length).ToArray()));
            at += length;
        }

        return fields;
    }

    private static ulong Number(ReadOnlySpan<byte> data, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = data[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private sealed class Event
    {
        public double Time { get; set; }

        public long Step { get; set; }

        public string? Version { get; set; }

        public Dictionary<string, float> Scalars { get; } = [];

        public Dictionary<string, string> Texts { get; } = [];
    }
}
