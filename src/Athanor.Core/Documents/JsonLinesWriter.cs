using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Athanor.Core.Documents;

/// <summary>
/// Writes a file of one JSON value a line, value by value, under a temporary name until it is complete. For a sequence at hand <see cref="JsonLines.Write"/> is simpler;
/// this serves where several files are written at once.
/// </summary>
public sealed class JsonLinesWriter : IDisposable
{
    private const int ZstdLevel = 6;

    private readonly string _path;
    private readonly string _temporary;
    private readonly ArrayBufferWriter<byte> _line = new(1 << 12);
    private readonly Utf8JsonWriter _json;
    private FileStream? _file;
    private Stream? _packed;

    /// <summary>Begins a file; creates its folder.</summary>
    /// <param name="path">The file: <c>.jsonl</c>, <c>.jsonl.gz</c> or <c>.jsonl.zst</c>.</param>
    /// <exception cref="AthanorException">The folder may not be written; the message names the file.</exception>
    public JsonLinesWriter(string path)
    {
        _path = path;
        _temporary = path + ".tmp";
        _json = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = JsonLines.Options.Encoder });
        Guard(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _file = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            _packed = Pack(_file, path);
        });
    }

    /// <summary>How many values were written.</summary>
    public long Count { get; private set; }

    /// <summary>Appends a value.</summary>
    /// <exception cref="AthanorException">The disk is full; the message names the file.</exception>
    public void Write<T>(T value)
    {
        ObjectDisposedException.ThrowIf(_file is null, this);
        _line.ResetWrittenCount();
        _json.Reset();
        JsonSerializer.Serialize(_json, value, JsonLines.Options);
        _json.Flush();
        _line.Write("\n"u8);
        Guard(() => (_packed ?? _file).Write(_line.WrittenSpan));
        Count++;
    }

    /// <summary>Flushes the file to disk and gives it its name.</summary>
    /// <exception cref="AthanorException">The disk is full; the message names the file.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_file is null, this);
        Guard(() =>
        {
            _packed?.Dispose();
            _packed = null;
            Durable.Flush(_file);
            _file.Dispose();
            _file = null;
            File.Move(_temporary, _path, overwrite: true);
            Durable.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        });
    }

    /// <summary>Removes what was written, unless it is complete.</summary>
    public void Dispose()
    {
        _json.Dispose();
        if (_file is null)
        {
            return;
        }

        try
        {
            _packed?.Dispose();
            _file.Dispose();
        }
        catch (IOException)
        {
            // The disk is full: what could not be written is thrown away all the same
        }

        _file = null;
        File.Delete(_temporary);
    }

    private static Stream? Pack(Stream file, string path)
    {
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            return new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true);
        }

        if (path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase))
        {
            CompressionStream stream = new(file, ZstdLevel, leaveOpen: true);
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            return stream;
        }

        return null;
    }

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{_path} cannot be written: {exception.Message}", "check free space and permissions, then run again", exception);
        }
    }
}
