using System.Buffers.Binary;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Tokenization.Training;

/// <summary>Keeps the pieces of a unigram model between two rounds, so that a training that was stopped goes on with the same numbers.</summary>
internal sealed class UnigramCheckpoint
{
    private const string FileName = "pieces.bin";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private readonly string? _path;
    private readonly byte[] _key;
    private readonly TimeProvider _clock;
    private long _saved;

    public UnigramCheckpoint(TrainingResources resources)
    {
        _path = resources.CheckpointFolder is string folder ? Path.Combine(folder, FileName) : null;
        _key = Encoding.UTF8.GetBytes(resources.Key);
        _clock = resources.Clock;
        _saved = _clock.GetTimestamp();
    }

    /// <summary>The pieces after the last round that was kept, and its number; null where there is none of this work.</summary>
    public (PieceList Pieces, int Round)? Load()
    {
        if (_path is null || !File.Exists(_path))
        {
            return null;
        }

        ReadOnlySpan<byte> rest = File.ReadAllBytes(_path);
        if (!ReadInt(ref rest).Equals(_key.Length) || rest.Length < _key.Length || !rest[.._key.Length].SequenceEqual(_key))
        {
            return null;
        }

        rest = rest[_key.Length..];
        int round = ReadInt(ref rest);
        int count = ReadInt(ref rest);
        PieceList pieces = new();
        for (int piece = 0; piece < count; piece++)
        {
            int length = ReadInt(ref rest);
            if (length < 0 || length > rest.Length - sizeof(double))
            {
                throw Damaged();
            }

            pieces.Add(rest[sizeof(double)..(sizeof(double) + length)], BinaryPrimitives.ReadDoubleLittleEndian(rest));
            rest = rest[(sizeof(double) + length)..];
        }

        return (pieces, round);
    }

    /// <summary>Keeps the pieces after a round, if some time has passed since the last, or all waiting must end.</summary>
    public void Save(PieceList pieces, int round, bool now)
    {
        if (_path is null || (!now && _clock.GetElapsedTime(_saved) < Interval))
        {
            return;
        }

        AtomicFile.Write(_path, stream =>
        {
            byte[] number = new byte[12];
            void WriteInt(int value)
            {
                BinaryPrimitives.WriteInt32LittleEndian(number, value);
                stream.Write(number, 0, sizeof(int));
            }

            WriteInt(_key.Length);
            stream.Write(_key);
            WriteInt(round);
            WriteInt(pieces.Count);
            for (int piece = 0; piece < pieces.Count; piece++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(number, pieces[piece].Length);
                BinaryPrimitives.WriteDoubleLittleEndian(number.AsSpan(sizeof(int)), pieces.Scores[piece]);
                stream.Write(number);
                stream.Write(pieces[piece]);
            }
        });
        _saved = _clock.GetTimestamp();
    }

    private int ReadInt(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int))
        {
            throw Damaged();
        }

        int value = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[sizeof(int)..];
        return value;
    }

    private AthanorException Damaged() => new($"{_path} is damaged", "delete the checkpoint folder to start anew");
}
