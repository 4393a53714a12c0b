using System.Buffers.Binary;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// What stands in a SentencePiece <c>.model</c> file (<c>ModelProto</c> of <c>sentencepiece_model.proto</c>). Writing what was read gives the same bytes, where the file
/// is as SentencePiece writes it.
/// </summary>
public sealed class SentencePieceFile
{
    private const int PiecesField = 1;
    private const int TrainerField = 2;
    private const int NormalizerField = 3;
    private const int DenormalizerField = 5;
    private const int SelfTestField = 4;

    /// <summary>The pieces by id.</summary>
    public IReadOnlyList<ModelPiece> Pieces { get; init; } = [];

    /// <summary>How the model was trained.</summary>
    public TrainerSpec Trainer { get; init; } = new();

    /// <summary>How text is rewritten before it is cut.</summary>
    public NormalizerSpec Normalizer { get; init; } = new();

    /// <summary>How decoded text is rewritten; null: it is not.</summary>
    public NormalizerSpec? Denormalizer { get; init; }

    /// <summary>Texts with their pieces, by which SentencePiece tests itself; kept as they are.</summary>
    private ReadOnlyMemory<byte> SelfTest { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="AthanorException">It cannot be read, or is no SentencePiece model.</exception>
    public static SentencePieceFile Open(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path}: {fault.Message}", "name a SentencePiece model that can be read", fault);
        }
    }

    /// <summary>Reads the bytes of a file. Pieces, specifications and texts are slices of them or copies, never larger than they are.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name, for faults.</param>
    /// <exception cref="AthanorException">It is no SentencePiece model.</exception>
    public static SentencePieceFile Read(ReadOnlyMemory<byte> bytes, string name)
    {
        List<ModelPiece> pieces = [];
        ProtocolMessage trainer = new();
        ProtocolMessage normalizer = new();
        ProtocolMessage? denormalizer = null;
        ReadOnlyMemory<byte> selfTest = default;
        for (int at = 0; at < bytes.Length;)
        {
            ProtocolMessage.Field field = ProtocolMessage.ReadField(bytes, ref at, name);
            switch (field.Number)
            {
                case PiecesField:
                    pieces.Add(ReadPiece(bytes[..at], at - field.Bytes.Length, name, pieces.Count));
                    break;
                case TrainerField:
                    trainer.Append(field.Bytes, $"{name}, trainer_spec");
                    break;
                case NormalizerField:
                    normalizer.Append(field.Bytes, $"{name}, normalizer_spec");
                    break;
                case DenormalizerField:
                    (denormalizer ??= new()).Append(field.Bytes, $"{name}, denormalizer_spec");
                    break;
                case SelfTestField:
                    selfTest = field.Bytes;
                    break;
                default:
                    break;
            }
        }

        if (pieces.Count == 0)
        {
            throw new AthanorException($"{name}: there are no pieces in it", "name a SentencePiece model");
        }

        return new SentencePieceFile
        {
            Pieces = pieces,
            Trainer = new TrainerSpec(trainer),
            Normalizer = new NormalizerSpec(normalizer),
            Denormalizer = denormalizer is null ? null : new NormalizerSpec(denormalizer),
            SelfTest = selfTest,
        };
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="AthanorException">It cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => stream.Write(ToArray()));

    /// <summary>The bytes of the file.</summary>
    public byte[] ToArray()
    {
        MemoryStream stream = new();
        MemoryStream inner = new();
        Span<byte> score = stackalloc byte[4];
        foreach (ModelPiece piece in Pieces)
        {
            inner.SetLength(0);
            ProtocolMessage.WriteBytes(inner, 1, piece.Bytes);
            inner.WriteByte((2 << 3) | 5);
            BinaryPrimitives.WriteSingleLittleEndian(score, piece.Score);
            inner.Write(score);
            if (piece.Type != PieceType.Normal)
            {
                inner.WriteByte(3 << 3);
                inner.WriteByte((byte)piece.Type);
            }

            ProtocolMessage.WriteBytes(stream, PiecesField, inner.GetBuffer().AsSpan(0, (int)inner.Length));
        }

        ProtocolMessage.WriteBytes(stream, TrainerField, Trainer.Message.ToArray());
        ProtocolMessage.WriteBytes(stream, NormalizerField, Normalizer.Message.ToArray());
        if (!SelfTest.IsEmpty)
        {
            ProtocolMessage.WriteBytes(stream, SelfTestField, SelfTest.Span);
        }

        if (Denormalizer is not null)
        {
            ProtocolMessage.WriteBytes(stream, DenormalizerField, Denormalizer.Message.ToArray());
        }

        return stream.ToArray();
    }

    private static ModelPiece ReadPiece(ReadOnlyMemory<byte> bytes, int at, string name, int id)
    {
        ReadOnlyMemory<byte> text = default;
        float score = 0;
        PieceType type = PieceType.Normal;
        while (at < bytes.Length)
        {
            switch (ProtocolMessage.ReadField(bytes, ref at, name))
            {
                case { Number: 1, Type: ProtocolMessage.WireType.Bytes } field:
                    text = field.Bytes;
                    break;
                case { Number: 2, Type: ProtocolMessage.WireType.Fixed32 } field:
                    score = BitConverter.UInt32BitsToSingle((uint)field.Scalar);
                    break;
                case { Number: 3, Type: ProtocolMessage.WireType.Varint, Scalar: >= 1 and <= 6 } field:
                    type = (PieceType)field.Scalar;
                    break;
                default:
                    break;
            }
        }

        return text.IsEmpty
            ? throw new AthanorException($"{name}, piece {id}: it is empty", "copy or download the file again")
            : new ModelPiece(text.ToArray(), score, type);
    }
}
