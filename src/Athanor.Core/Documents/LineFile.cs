using System.IO.Compression;
using Athanor.Core.Errors;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Athanor.Core.Documents;

/// <summary>Streams the lines of a text file that may be packed (<c>.gz</c>, <c>.zst</c>, told by the name), in memory bounded by the longest line allowed.</summary>
public static class LineFile
{
    /// <summary>The longest line read unless told otherwise: 64 MiB.</summary>
    public const int DefaultLimit = 64 << 20;

    // Text that people keep shrinks by less than a hundred; a file that grows by more than this was made to fill memory or time
    private const long LargestGrowth = 2_000;
    private const long FreeGrowth = 16L << 20;

    /// <summary>Reads a file's lines; a byte-order mark of UTF-8 and carriage returns before line feeds are left out, the bytes are not otherwise checked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The longest line, in bytes; a longer one is marked and skipped.</param>
    /// <exception cref="AthanorException">The file is missing, unreadable, truncated or damaged, or unpacks to thousands of times its size.</exception>
    public static IEnumerable<TextLine> Read(string path, int limit = DefaultLimit)
    {
        using Stream stream = OpenUnpacked(path, out FileStream file);
        byte[] buffer = new byte[1 << 16];
        int begin = 0;
        int end = 0;
        long number = 1;
        long total = 0;
        bool skipping = false;
        while (true)
        {
            int found;
            while ((found = buffer.AsSpan(begin, end - begin).IndexOf((byte)'\n')) >= 0)
            {
                yield return Line(buffer, begin, found, number++, skipping || found > limit);
                skipping = false;
                begin += found + 1;
            }

            if (end - begin > limit)
            {
                skipping = true;
                begin = end;
            }

            if (begin > 0)
            {
                buffer.AsSpan(begin, end - begin).CopyTo(buffer);
                end -= begin;
                begin = 0;
            }

            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, limit + 1L + (1 << 16)));
            }

            int read = ReadSome(path, stream, buffer.AsSpan(end));
            if (read == 0)
            {
                break;
            }

            int mark = total == 0 ? MarkLength(buffer, end + read) : 0;
            total += read;
            begin = mark < 0 ? 0 : mark;
            end += read;
            if (stream != file && total > FreeGrowth && total / LargestGrowth > file.Position)
            {
                throw new AthanorException($"{path} unpacks to more than {LargestGrowth} times its size", "check where the file comes from; if it is meant to be so, unpack it and name the unpacked file");
            }
        }

        if (end > begin || skipping)
        {
            yield return Line(buffer, begin, end - begin, number, skipping || end - begin > limit);
        }
    }

    /// <summary>Opens a file for reading; <c>.gz</c> and <c>.zst</c> are unpacked as they are read.</summary>
    /// <exception cref="AthanorException">The file is missing or may not be read.</exception>
    internal static Stream OpenUnpacked(string path, out FileStream file)
    {
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "check that the file exists and may be read", exception);
        }

        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            return new GZipStream(file, CompressionMode.Decompress);
        }

        if (path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase))
        {
            DecompressionStream stream = new(file, checkEndOfStream: true, leaveOpen: false);
            // A frame's header names the window it wants: 128 MiB at most, whatever it says
            stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, 27);
            return stream;
        }

        return file;
    }

    private static int ReadSome(string path, Stream stream, Span<byte> into)
    {
        try
        {
            return stream.Read(into);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or ZstdException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} is truncated or damaged: {exception.Message}", "copy or download the file again", exception);
        }
    }

    private static int MarkLength(byte[] buffer, int length) => buffer.AsSpan(0, length).StartsWith("\uFEFF"u8) ? 3 : 0;

    private static TextLine Line(byte[] buffer, int begin, int length, long number, bool tooLong)
    {
        if (tooLong)
        {
            return new TextLine(number, ReadOnlyMemory<byte>.Empty, true);
        }

        if (length > 0 && buffer[begin + length - 1] == '\r')
        {
            length--;
        }

        return new TextLine(number, buffer.AsMemory(begin, length), false);
    }
}
