using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Athanor.Core.Errors;

namespace Athanor.Core.Documents;

/// <summary>Reads and writes files of one JSON value a line: <c>.jsonl</c>, <c>.jsonl.gz</c> and <c>.jsonl.zst</c>, told apart by name. Keys are snake_case.</summary>
public static class JsonLines
{
    internal static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Streams the values of a file; empty lines are passed over.</summary>
    /// <exception cref="AthanorException">The file is missing, truncated or mis-encoded, or a line is not a <typeparamref name="T"/> (the message names the line).</exception>
    public static IEnumerable<T> Read<T>(string path)
    {
        foreach (TextLine line in LineFile.Read(path))
        {
            if (line.TooLong)
            {
                throw Fault(path, line.Number, $"the line is longer than {LineFile.DefaultLimit >> 20} MiB");
            }

            if (line.Bytes.Span.Trim(" \t"u8).IsEmpty)
            {
                continue;
            }

            yield return Parse<T>(path, line);
        }
    }

    /// <summary>Reads one line's value.</summary>
    /// <exception cref="AthanorException">It is not valid UTF-8 or not a <typeparamref name="T"/>.</exception>
    public static T Parse<T>(string path, TextLine line)
    {
        ReadOnlySpan<byte> bytes = line.Bytes.Span;
        if (!Utf8.IsValid(bytes))
        {
            throw Fault(path, line.Number, "the line is not valid UTF-8");
        }

        try
        {
            if (bytes.IndexOf("\\u"u8) >= 0)
            {
                CheckEscapes(bytes);
            }

            return JsonSerializer.Deserialize<T>(bytes, Options) ?? throw new JsonException("the value is null");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw Fault(path, line.Number, exception.Message, exception);
        }
    }

    /// <summary>Writes a file whole or not at all; the bytes depend on the values alone.</summary>
    /// <returns>How many values were written.</returns>
    /// <exception cref="AthanorException">The disk is full or the folder may not be written; the message names the file.</exception>
    public static long Write<T>(string path, IEnumerable<T> values, CancellationToken cancellation = default)
    {
        using JsonLinesWriter writer = new(path);
        foreach (T value in values)
        {
            if ((writer.Count & 0xFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            writer.Write(value);
        }

        writer.Complete();
        return writer.Count;
    }

    /// <summary>An escaped half of a surrogate pair is found here, not when somebody later asks a lazily read node for its text.</summary>
    private static void CheckEscapes(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }

    private static AthanorException Fault(string path, long line, string fault, Exception? inner = null)
        => new($"{path}:{line}: {fault}", "correct or remove the line", inner);
}
