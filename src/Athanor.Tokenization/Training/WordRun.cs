using System.Buffers;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Tokenization.Training;

/// <summary>A file of counted words in the order of their bytes: for each word its length and count as base-128 numbers, then its bytes.</summary>
internal sealed class WordRun : IDisposable, IWordSource
{
    private const int BufferSize = 1 << 18;

    private readonly string _path;
    private readonly FileStream _stream;
    private byte[] _buffer = new byte[BufferSize];
    private int _at;
    private int _end;
    private int _wordStart;
    private int _wordLength;

    private WordRun(string path)
    {
        _path = path;
        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Word => _buffer.AsSpan(_wordStart, _wordLength);

    /// <inheritdoc/>
    public long WordCount { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="AthanorException">It cannot be read.</exception>
    public static WordRun Open(string path)
    {
        try
        {
            return new WordRun(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path}: {exception.Message}", "delete the checkpoint folder to start anew", exception);
        }
    }

    /// <summary>Writes the words of several sources, those that are alike added up.</summary>
    /// <returns>How many words were written and how many bytes they have.</returns>
    public static (long Words, long Bytes) Write(string path, IReadOnlyList<IWordSource> sources, CancellationToken cancellation)
    {
        long words = 0;
        long bytes = 0;
        AtomicFile.Write(path, stream =>
        {
            ArrayBufferWriter<byte> buffer = new(BufferSize);
            Merge(
                sources,
                (word, count) =>
                {
                    if ((words & 0xFFFF) == 0)
                    {
                        cancellation.ThrowIfCancellationRequested();
                    }

                    WriteNumber(buffer, (ulong)word.Length);
                    WriteNumber(buffer, (ulong)count);
                    buffer.Write(word);
                    if (buffer.WrittenCount > BufferSize / 2)
                    {
                        stream.Write(buffer.WrittenSpan);
                        buffer.ResetWrittenCount();
                    }

                    words++;
                    bytes += word.Length;
                });
            stream.Write(buffer.WrittenSpan);
        });
        return (words, bytes);
    }

    /// <summary>Gives the words of several sources in order, the counts of those that are alike added up.</summary>
    public static void Merge(IReadOnlyList<IWordSource> sources, WordAction give)
    {
        // Few sources: the smallest is found by looking at all of them
        List<IWordSource> open = [.. sources.Where(source => source.MoveNext())];
        while (open.Count > 0)
        {
            IWordSource first = open[0];
            foreach (IWordSource other in open)
            {
                if (other.Word.SequenceCompareTo(first.Word) < 0)
                {
                    first = other;
                }
            }

            long count = 0;
            foreach (IWordSource other in open)
            {
                count += ReferenceEquals(other, first) || other.Word.SequenceEqual(first.Word) ? other.WordCount : 0;
            }

            ReadOnlySpan<byte> word = first.Word;
            give(word, count);
            for (int at = open.Count - 1; at >= 0; at--)
            {
                if (!ReferenceEquals(open[at], first) && open[at].Word.SequenceEqual(word) && !open[at].MoveNext())
                {
                    open.RemoveAt(at);
                }
            }

            if (!first.MoveNext())
            {
                open.Remove(first);
            }
        }
    }

    /// <inheritdoc/>
    public bool MoveNext()
    {
        if (_at == _end && !Fill(1))
        {
            return false;
        }

        ulong length = ReadNumber();
        WordCount = (long)ReadNumber();
        if (length > int.MaxValue / 2 || (_end - _at < (int)length && !Fill((int)length)))
        {
            throw Damaged();
        }

        _wordStart = _at;
        _wordLength = (int)length;
        _at += _wordLength;
        return true;
    }

    public void Dispose() => _stream.Dispose();

    private static void WriteNumber(ArrayBufferWriter<byte> buffer, ulong value)
    {
        Span<byte> parts = buffer.GetSpan(10);
        int length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            parts[length++] = (byte)(value | 0x80);
        }

        parts[length++] = (byte)value;
        buffer.Advance(length);
    }

    private ulong ReadNumber()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_at == _end && !Fill(1))
            {
                throw Damaged();
            }

            byte part = _buffer[_at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    /// <summary>Reads on until so many bytes lie ahead.</summary>
    private bool Fill(int least)
    {
        Buffer.BlockCopy(_buffer, _at, _buffer, 0, _end - _at);
        _end -= _at;
        _at = 0;
        if (least > _buffer.Length)
        {
            // No more than the file has, whatever a damaged length says
            if (least > _stream.Length)
            {
                throw Damaged();
            }

            Array.Resize(ref _buffer, least);
        }

        while (_end < least)
        {
            int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private AthanorException Damaged() => new($"{_path} is damaged", "delete the checkpoint folder to start anew");
}

/// <summary>Takes a word and its count.</summary>
internal delegate void WordAction(ReadOnlySpan<byte> word, long count);
