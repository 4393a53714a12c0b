using System.Buffers;
using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Core.Metrics;

/// <summary>
/// A stage's curves: one JSON object a line (<c>step</c>, <c>seconds</c>, <c>values</c>), appended as it happens. A resumed stage cuts it back to the step
/// of its checkpoint, so that the log of an interrupted run equals that of an undisturbed one in all but the times. Safe to use from several threads.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The name of the file in the artifact.</summary>
    public const string FileName = "metrics.jsonl";

    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly string _path;
    private readonly TimeProvider _clock;
    private FileStream _stream;
    private double _before;
    private long _start;
    private Action<MetricsEntry>? _follower;

    /// <summary>Opens or creates the log. A last line that was torn by a kill is dropped.</summary>
    /// <exception cref="AthanorException">The file may not be written, or a line other than a torn last one is malformed.</exception>
    public MetricsLog(string path, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _path = Path.GetFullPath(path);
        _clock = clock;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _stream = Open(_path, out IReadOnlyList<MetricsEntry> entries);
        StartClock(entries);
    }

    /// <summary>Gives a view of the curves what the log holds, then each entry as it is appended.</summary>
    internal void Follow(Action<IReadOnlyList<MetricsEntry>> begin, Action<MetricsEntry> follower)
    {
        lock (_lock)
        {
            begin(Read(_path));
            _follower = follower;
        }
    }

    /// <summary>No entry is given on any more.</summary>
    internal void Unfollow()
    {
        lock (_lock)
        {
            _follower = null;
        }
    }

    /// <summary>Appends values measured at a step; a value that is not finite is written as null.</summary>
    public void Append(long step, IReadOnlyDictionary<string, double> values)
        => Append(new MetricsEntry(step, 0, values, new Dictionary<string, string>()));

    /// <summary>Appends a text (a sample) produced at a step.</summary>
    public void AppendText(long step, string name, string text)
        => Append(new MetricsEntry(step, 0, new Dictionary<string, double>(), new Dictionary<string, string> { [name] = text }));

    /// <summary>Drops everything later than a step.</summary>
    public void CutAfter(long step)
    {
        lock (_lock)
        {
            _stream.Dispose();
            IReadOnlyList<MetricsEntry> kept = [.. Read(_path).Where(entry => entry.Step <= step)];
            AtomicFile.Write(_path, stream =>
            {
                foreach (MetricsEntry entry in kept)
                {
                    WriteLine(stream, entry);
                }
            });
            _stream = Open(_path, out _);
            StartClock(kept);
        }
    }

    /// <summary>Makes what was appended durable.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            Durable.Flush(_stream);
            Durable.FlushFolder(Path.GetDirectoryName(_path)!);
        }
    }

    /// <summary>Reads a log; a value that was not finite comes back as NaN.</summary>
    /// <exception cref="AthanorException">The file is missing or a line other than a torn last one is malformed.</exception>
    public static IReadOnlyList<MetricsEntry> Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "name the folder of a stage that keeps curves, such as runs/quickstart/pretrain", exception);
        }

        return Parse(path, bytes, out _);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _stream.Dispose();
        }
    }

    private static FileStream Open(string path, out IReadOnlyList<MetricsEntry> entries)
    {
        try
        {
            // no buffer of its own: what was appended is with the system when Append returns, so only a crash of the machine can lose it
            FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            entries = Parse(path, bytes, out int whole);
            stream.SetLength(whole);
            stream.Position = whole;
            return stream;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be opened: {exception.Message}", "see that the run's folder can be written and no other run uses it", exception);
        }
    }

    private static List<MetricsEntry> Parse(string path, ReadOnlySpan<byte> bytes, out int whole)
    {
        List<MetricsEntry> entries = [];
        whole = 0;
        while (bytes[whole..].IndexOf((byte)'\n') is int length and >= 0)
        {
            entries.Add(ParseLine(path, entries.Count + 1, bytes.Slice(whole, length)));
            whole += length + 1;
        }

        return entries;
    }

    private static MetricsEntry ParseLine(string path, int number, ReadOnlySpan<byte> line)
    {
        try
        {
            Utf8JsonReader reader = new(line);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            Dictionary<string, double> values = [];
            Dictionary<string, string> texts = [];
            if (root.TryGetProperty("values", out JsonElement measured))
            {
                foreach (JsonProperty value in measured.EnumerateObject())
                {
                    values[value.Name] = value.Value.ValueKind == JsonValueKind.Null ? double.NaN : value.Value.GetDouble();
                }
            }

            if (root.TryGetProperty("texts", out JsonElement written))
            {
                foreach (JsonProperty text in written.EnumerateObject())
                {
                    texts[text.Name] = text.Value.GetString() ?? "";
                }
            }

            return new MetricsEntry(root.GetProperty("step").GetInt64(), root.GetProperty("seconds").GetDouble(), values, texts);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new AthanorException($"{path}:{number}: {exception.Message}", "the file was changed by something else; delete the stage's folder and run it again", exception);
        }
    }

    private void StartClock(IReadOnlyList<MetricsEntry> entries)
    {
        _before = entries.Count == 0 ? 0 : entries[^1].Seconds;
        _start = _clock.GetTimestamp();
    }

    private void Append(MetricsEntry entry)
    {
        lock (_lock)
        {
            entry = entry with { Seconds = Math.Round(_before + _clock.GetElapsedTime(_start).TotalSeconds, 3) };
            WriteLine(_stream, entry);
            _follower?.Invoke(entry);
        }
    }

    private void WriteLine(Stream stream, MetricsEntry entry)
    {
        _line.Clear();
        using (Utf8JsonWriter writer = new(_line))
        {
            writer.WriteStartObject();
            writer.WriteNumber("step", entry.Step);
            writer.WriteNumber("seconds", entry.Seconds);
            if (entry.Values.Count > 0)
            {
                writer.WriteStartObject("values");
                foreach ((string name, double value) in entry.Values)
                {
                    if (double.IsFinite(value))
                    {
                        writer.WriteNumber(name, value);
                    }
                    else
                    {
                        writer.WriteNull(name);
                    }
                }

                writer.WriteEndObject();
            }

            if (entry.Texts.Count > 0)
            {
                writer.WriteStartObject("texts");
                foreach ((string name, string text) in entry.Texts)
                {
                    writer.WriteString(name, text);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        _line.Write("\n"u8);
        stream.Write(_line.WrittenSpan);
    }
}

/// <summary>One line of a log.</summary>
/// <param name="Step">The step it was measured at.</param>
/// <param name="Seconds">Time since the stage began, interruptions left out.</param>
/// <param name="Values">Measured values by name, such as <c>train/loss</c>, <c>validation/bits_per_byte</c>, <c>ability/chains.step</c>.</param>
/// <param name="Texts">Texts by name, such as <c>sample/0</c>.</param>
public sealed record MetricsEntry(long Step, double Seconds, IReadOnlyDictionary<string, double> Values, IReadOnlyDictionary<string, string> Texts);
