using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Core.Metrics;

/// <summary>
/// A stage's curves as an event file of TensorBoard, a view of its <see cref="MetricsLog"/>: written anew from the log when it is opened, so that a resumed stage's file
/// holds what its log holds, then followed line by line. Records are framed as TFRecord (length, masked CRC-32C, data, masked CRC-32C) around protobuf messages
/// <c>Event</c> and <c>Summary</c> (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
/// </summary>
public sealed class TensorBoardWriter : IDisposable
{
    /// <summary>The folder of the file in an artifact: <c>tensorboard --logdir runs</c> finds it.</summary>
    public const string FolderName = "tensorboard";

    private const string FilePrefix = "events.out.tfevents.";
    private const uint MaskDelta = 0xa282ead8;
    private const int StringType = 7;
    private const int TensorClass = 2;

    private readonly MetricsLog _log;
    private readonly FileStream _stream;
    private readonly double _began;
    private readonly ArrayBufferWriter<byte> _record = new();

    private TensorBoardWriter(MetricsLog log, FileStream stream, double began)
    {
        _log = log;
        _stream = stream;
        _began = began;
    }

    /// <summary>Writes what a log holds into a folder and goes on with what is appended to it, until disposed.</summary>
    /// <param name="log">The curves.</param>
    /// <param name="folder">Where the file is made; older event files there are deleted.</param>
    /// <param name="clock">Tells the time of day that TensorBoard shows beside the steps.</param>
    /// <exception cref="AthanorException">The disk is full or the folder may not be written.</exception>
    public static TensorBoardWriter Follow(MetricsLog log, string folder, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(clock);
        double now = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1e3;
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{FilePrefix}{(long)now:D10}.athanor"));
        FileStream stream;
        try
        {
            Directory.CreateDirectory(folder);
            foreach (string old in Directory.EnumerateFiles(folder, $"{FilePrefix}*"))
            {
                File.Delete(old);
            }

            // no buffer: TensorBoard reads along
            stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be written: {exception.Message}", "see that the run's folder can be written", exception);
        }

        TensorBoardWriter? writer = null;
        log.Follow(
            entries =>
            {
                // interruptions are left out of the log's seconds, and so of the times of day before this one
                writer = new TensorBoardWriter(log, stream, now - (entries.Count > 0 ? entries[^1].Seconds : 0));
                writer.WriteVersion();
                foreach (MetricsEntry entry in entries)
                {
                    writer.Write(entry);
                }
            },
            entry => writer!.Write(entry));
        return writer!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log.Unfollow();
        _stream.Dispose();
    }

    private void WriteVersion()
    {
        ProtobufMessage message = new();
        message.Double(1, _began);
        message.Text(3, "brain.Event:2");
        WriteRecord(message.Written);
    }

    private void Write(MetricsEntry entry)
    {
        ProtobufMessage summary = new();
        foreach ((string name, double value) in entry.Values)
        {
            ProtobufMessage scalar = new();
            scalar.Text(1, name);
            scalar.Single(2, (float)value);
            summary.Message(1, scalar);
        }

        foreach ((string name, string text) in entry.Texts)
        {
            summary.Message(1, TextValue(name, text));
        }

        ProtobufMessage message = new();
        message.Double(1, _began + entry.Seconds);
        message.Integer(2, entry.Step);
        message.Message(5, summary);
        WriteRecord(message.Written);
    }

    // a tensor of one string, which the text plugin shows as Markdown: indented, so that it stays as it is
    private static ProtobufMessage TextValue(string name, string text)
    {
        ProtobufMessage plugin = new();
        plugin.Text(1, "text");
        ProtobufMessage metadata = new();
        metadata.Message(1, plugin);
        metadata.Integer(4, TensorClass);
        ProtobufMessage tensor = new();
        tensor.Integer(1, StringType);
        tensor.Message(2, new ProtobufMessage());
        tensor.Text(8, $"    {text.Replace("\n", "\n    ", StringComparison.Ordinal)}");
        ProtobufMessage value = new();
        value.Text(1, name);
        value.Message(8, tensor);
        value.Message(9, metadata);
        return value;
    }

    private void WriteRecord(ReadOnlySpan<byte> data)
    {
        _record.Clear();
        Span<byte> head = _record.GetSpan(12)[..12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Checksum(head[..8]));
        _record.Advance(12);
        _record.Write(data);
        Span<byte> tail = _record.GetSpan(4)[..4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Checksum(data));
        _record.Advance(4);
        try
        {
            _stream.Write(_record.WrittenSpan);
        }
        catch (IOException exception)
        {
            throw DiskFault.Of(exception, _stream.Name, _stream.Name) ?? new AthanorException($"{_stream.Name} could not be written: {exception.Message}", "see that the run's folder can be written, then run the same command again", exception);
        }
    }

    // tensorflow/core/lib/hash/crc32c.h: rotated and moved, since a checksum of data that holds checksums is a weak one
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }

    /// <summary>A protobuf message, field by field (protobuf.dev/programming-guides/encoding).</summary>
    private sealed class ProtobufMessage
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

        public void Integer(int field, long value)
        {
            Number((ulong)(field << 3));
            Number((ulong)value);
        }

        public void Double(int field, double value)
        {
            Number((ulong)((field << 3) | 1));
            BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(8), value);
            _bytes.Advance(8);
        }

        public void Single(int field, float value)
        {
            Number((ulong)((field << 3) | 5));
            BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(4), value);
            _bytes.Advance(4);
        }

        public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public void Message(int field, ProtobufMessage message) => Bytes(field, message.Written);

        private void Bytes(int field, ReadOnlySpan<byte> value)
        {
            Number((ulong)((field << 3) | 2));
            Number((ulong)value.Length);
            _bytes.Write(value);
        }

        private void Number(ulong value)
        {
            Span<byte> bytes = _bytes.GetSpan(10);
            int count = 0;
            for (; value >= 0x80; value >>= 7)
            {
                bytes[count++] = (byte)(value | 0x80);
            }

            bytes[count++] = (byte)value;
            _bytes.Advance(count);
        }
    }
}
