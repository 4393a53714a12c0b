using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Athanor.Core.Errors;

namespace Athanor.Core.Files;

/// <summary>
/// Sequences of tokens on disk in the Megatron-LM layout: <c>.bin</c> is the numbers one after another, <c>.idx</c> says where each sequence begins.
/// Opened by mapping, so a shard of any size takes no memory. Reading is safe from many threads until the shard is disposed.
/// </summary>
/// <remarks>
/// The index, little-endian: <c>MMIDIDX\0\0</c>, version 1 (u64), element type (u8: 1 = u8, 4 = i32, 8 = u16), number of sequences (u64), number of document
/// boundaries (u64), lengths (i32 each), byte positions in <c>.bin</c> (i64 each), document boundaries (i64 each: the first sequence of each document, then the number of sequences).
/// </remarks>
public sealed unsafe class TokenShard : IDisposable
{
    internal const string DataExtension = ".bin";
    internal const string IndexExtension = ".idx";
    internal const int HeaderBytes = 9 + 8 + 1 + 8 + 8;

    private readonly MappedFile _data;
    private readonly MappedFile _index;
    private readonly string _path;
    private readonly int _tokenBytes;

    private TokenShard(string path, MappedFile data, MappedFile index, int tokenBytes, int sequences)
    {
        _path = path;
        _data = data;
        _index = index;
        _tokenBytes = tokenBytes;
        Sequences = sequences;
        Tokens = data.Length / tokenBytes;
    }

    internal static ReadOnlySpan<byte> Magic => "MMIDIDX\0\0"u8;

    /// <summary>How many sequences there are.</summary>
    public int Sequences { get; }

    /// <summary>How many tokens there are in all.</summary>
    public long Tokens { get; }

    /// <summary>Opens a shard by its path without extension. The index is checked whole: sequences stand one after another without a gap and end where <c>.bin</c> ends.</summary>
    /// <exception cref="AthanorException">A file is missing, truncated or malformed.</exception>
    public static TokenShard Open(string path)
    {
        MappedFile? data = null;
        MappedFile? index = null;
        try
        {
            data = MappedFile.Open(path + DataExtension);
            index = MappedFile.Open(path + IndexExtension);
            (int tokenBytes, int sequences) = Check(path + IndexExtension, index, data.Length);
            return new TokenShard(path, data, index, tokenBytes, sequences);
        }
        catch
        {
            data?.Dispose();
            index?.Dispose();
            throw;
        }
    }

    /// <summary>Where a sequence begins among all tokens.</summary>
    public long OffsetOf(int sequence)
    {
        CheckSequence(sequence);
        return _index.ReadInt64(HeaderBytes + (4L * Sequences) + (8L * sequence)) / _tokenBytes;
    }

    /// <summary>How many tokens a sequence has.</summary>
    public int LengthOf(int sequence)
    {
        CheckSequence(sequence);
        return _index.ReadInt32(HeaderBytes + (4L * sequence));
    }

    /// <summary>Copies tokens, from a position among all tokens (sequences stand one after another without a gap).</summary>
    /// <exception cref="AthanorException">The file holds a negative number there.</exception>
    public void Read(long offset, Span<int> tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Tokens - tokens.Length);
        if (tokens.IsEmpty)
        {
            return;
        }

        byte* source = _data.Pointer + (offset * _tokenBytes);
        switch (_tokenBytes)
        {
            case 1:
                for (int at = 0; at < tokens.Length; at++)
                {
                    tokens[at] = source[at];
                }

                break;
            case 2:
                for (int at = 0; at < tokens.Length; at++)
                {
                    tokens[at] = ((ushort*)source)[at];
                }

                break;
            default:
                new ReadOnlySpan<int>(source, tokens.Length).CopyTo(tokens);
                foreach (int token in tokens)
                {
                    if (token < 0)
                    {
                        throw Broken(_path + DataExtension, "it holds a negative token");
                    }
                }

                break;
        }
    }

    /// <summary>A whole sequence.</summary>
    public int[] ReadSequence(int sequence)
    {
        int[] tokens = new int[LengthOf(sequence)];
        Read(OffsetOf(sequence), tokens);
        return tokens;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _data.Dispose();
        _index.Dispose();
    }

    private static (int TokenBytes, int Sequences) Check(string path, MappedFile index, long dataBytes)
    {
        if (index.Length < HeaderBytes || !new ReadOnlySpan<byte>(index.Pointer, Magic.Length).SequenceEqual(Magic))
        {
            throw Broken(path, "it is no Megatron index (MMIDIDX)");
        }

        long version = index.ReadInt64(9);
        if (version != 1)
        {
            throw Broken(path, $"its version is {version}, not 1");
        }

        int code = index.Pointer[17];
        int tokenBytes = code switch
        {
            1 => 1,
            8 => 2,
            4 => 4,
            _ => throw Broken(path, $"its element type has code {code}; known are 1 (u8), 8 (u16) and 4 (i32)"),
        };
        ulong sequences = (ulong)index.ReadInt64(18);
        ulong boundaries = (ulong)index.ReadInt64(26);

        // A number of sequences that the file cannot hold is refused before anything is computed from it. Megatron's optional modes (one byte a sequence) may follow.
        ulong rest = (ulong)(index.Length - HeaderBytes);
        if (sequences > rest / 12 || sequences > int.MaxValue || boundaries > rest / 8
            || ((12 * sequences) + (8 * boundaries) != rest && (13 * sequences) + (8 * boundaries) != rest))
        {
            throw Broken(path, $"it is {index.Length} bytes long, which does not fit {sequences} sequences and {boundaries} document boundaries");
        }

        long position = 0;
        long pointers = HeaderBytes + (4 * (long)sequences);
        for (long sequence = 0; sequence < (long)sequences; sequence++)
        {
            int length = index.ReadInt32(HeaderBytes + (4 * sequence));
            if (length < 0 || index.ReadInt64(pointers + (8 * sequence)) != position)
            {
                throw Broken(path, $"sequence {sequence} does not begin where the one before it ends");
            }

            position += (long)length * tokenBytes;
        }

        if (position != dataBytes)
        {
            throw Broken(path, $"its sequences take {position} bytes, but {Path.GetFileName(Path.ChangeExtension(path, DataExtension))} has {dataBytes}");
        }

        long documents = pointers + (8 * (long)sequences);
        long previous = 0;
        for (long boundary = 0; boundary < (long)boundaries; boundary++)
        {
            long value = index.ReadInt64(documents + (8 * boundary));
            if (value < previous || value > (long)sequences || (boundary == 0 && value != 0))
            {
                throw Broken(path, $"document boundary {boundary} is {value}");
            }

            previous = value;
        }

        return (tokenBytes, (int)sequences);
    }

    private static AthanorException Broken(string path, string fault) => new($"{path}: {fault}", "make the tokens again: delete their folder and run the stage that wrote it");

    private void CheckSequence(int sequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sequence, Sequences);
    }

    private sealed class MappedFile : IDisposable
    {
        private readonly MemoryMappedFile? _file;
        private readonly MemoryMappedViewAccessor? _view;
        private readonly byte* _pointer;
        private bool _disposed;

        private MappedFile(MemoryMappedFile? file, MemoryMappedViewAccessor? view, long length)
        {
            _file = file;
            _view = view;
            Length = length;
            if (view is not null)
            {
                view.SafeMemoryMappedViewHandle.AcquirePointer(ref _pointer);
                _pointer += view.PointerOffset;
            }
        }

        public long Length { get; }

        public byte* Pointer
        {
            get
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(TokenShard));
                return _pointer;
            }
        }

        public static MappedFile Open(string path)
        {
            FileStream? stream = null;
            MemoryMappedFile? file = null;
            try
            {
                stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
                long length = stream.Length;
                if (length == 0)
                {
                    stream.Dispose();
                    return new MappedFile(null, null, 0);
                }

                file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
                return new MappedFile(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                file?.Dispose();
                stream?.Dispose();
                throw new AthanorException($"{path} cannot be read: {exception.Message}", "delete the folder it lies in and run the stage that wrote it again", exception);
            }
        }

        public int ReadInt32(long position) => MemoryMarshal.Read<int>(new ReadOnlySpan<byte>(Pointer + position, 4));

        public long ReadInt64(long position) => MemoryMarshal.Read<long>(new ReadOnlySpan<byte>(Pointer + position, 8));

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                _view?.SafeMemoryMappedViewHandle.ReleasePointer();
                _view?.Dispose();
                _file?.Dispose();
            }
        }
    }
}
