using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Athanor.Core.Errors;

namespace Athanor.Core.Files;

/// <summary>Writes a <see cref="TokenShard"/>: both files appear when it is completed, or neither.</summary>
public sealed class TokenShardWriter : IDisposable
{
    private const string Partial = ".partial";
    private const int BufferBytes = 1 << 18;

    private readonly string _path;
    private readonly int _maximum;
    private readonly int _tokenBytes;
    private readonly List<int> _lengths = [];
    private readonly FileStream _data;
    private bool _disposed;

    /// <summary>Begins a shard; creates its folder.</summary>
    /// <param name="path">Its path without extension.</param>
    /// <param name="maximum">The largest number that will be written; decides between 1, 2 and 4 bytes a token.</param>
    /// <exception cref="AthanorException">The folder may not be written.</exception>
    public TokenShardWriter(string path, int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximum);
        _path = Path.GetFullPath(path);
        _maximum = maximum;
        _tokenBytes = maximum <= byte.MaxValue ? 1 : maximum <= ushort.MaxValue ? 2 : 4;
        _data = Guarded(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            return new FileStream(_path + TokenShard.DataExtension + Partial, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        });
    }

    /// <summary>How many tokens were appended.</summary>
    public long Tokens { get; private set; }

    /// <summary>Appends a sequence, which ends a document.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is negative or above the maximum.</exception>
    /// <exception cref="AthanorException">The disk is full.</exception>
    public void Append(ReadOnlySpan<int> tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(checked(tokens.Length * _tokenBytes));
        try
        {
            Span<byte> bytes = buffer.AsSpan(0, tokens.Length * _tokenBytes);
            Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (int at = 0; at < tokens.Length; at++)
            {
                int token = tokens[at];
                if ((uint)token > (uint)_maximum)
                {
                    throw new ArgumentOutOfRangeException(nameof(tokens), token, $"a token must lie between 0 and {_maximum}");
                }

                switch (_tokenBytes)
                {
                    case 1:
                        bytes[at] = (byte)token;
                        break;
                    case 2:
                        shorts[at] = (ushort)token;
                        break;
                    default:
                        BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * at)..], token);
                        break;
                }
            }

            try
            {
                _data.Write(bytes);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(exception);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _lengths.Add(tokens.Length);
        Tokens += tokens.Length;
    }

    /// <summary>Makes both files final.</summary>
    /// <exception cref="AthanorException">The disk is full.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Guarded(() =>
        {
            Durable.Flush(_data);
            _data.Dispose();
            WriteIndex();

            // A shard without an index does not open, so an interruption between the two leaves nothing half-valid
            File.Delete(_path + TokenShard.IndexExtension);
            File.Move(_path + TokenShard.DataExtension + Partial, _path + TokenShard.DataExtension, overwrite: true);
            File.Move(_path + TokenShard.IndexExtension + Partial, _path + TokenShard.IndexExtension, overwrite: true);
            return true;
        });
        _disposed = true;
    }

    /// <summary>Removes what was not completed.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            _data.Dispose();
        }
        catch (IOException)
        {
            // The disk was full when the rest of the buffer was to be written; the file goes away anyway
        }

        File.Delete(_path + TokenShard.DataExtension + Partial);
        File.Delete(_path + TokenShard.IndexExtension + Partial);
    }

    private void WriteIndex()
    {
        using FileStream stream = new(_path + TokenShard.IndexExtension + Partial, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        using BinaryWriter writer = new(stream);
        writer.Write(TokenShard.Magic);
        writer.Write(1UL);
        writer.Write((byte)(_tokenBytes switch { 1 => 1, 2 => 8, _ => 4 }));
        writer.Write((ulong)_lengths.Count);
        writer.Write((ulong)_lengths.Count + 1);
        foreach (int length in _lengths)
        {
            writer.Write(length);
        }

        long position = 0;
        foreach (int length in _lengths)
        {
            writer.Write(position);
            position += (long)length * _tokenBytes;
        }

        for (long document = 0; document <= _lengths.Count; document++)
        {
            writer.Write(document);
        }

        writer.Flush();
        Durable.Flush(stream);
    }

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    private AthanorException Unwritable(Exception exception) =>
        new($"{_path}{TokenShard.DataExtension} cannot be written: {exception.Message}", "free space on the disk or allow writing there, then run again", exception);
}
