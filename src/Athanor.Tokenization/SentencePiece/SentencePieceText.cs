using System.Runtime.InteropServices;
using System.Text;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>Puts pieces together to the text they stand for, as SentencePiece's <c>Decode</c> does.</summary>
internal sealed class SentencePieceText(SentencePieceModel model)
{
    private readonly List<byte> _text = [];
    private readonly List<byte> _pending = [];
    private readonly bool _stripsFirst = model.File.Normalizer.AddDummyPrefix || model.File.Normalizer.RemoveExtraWhitespaces;
    private readonly bool _stripsAll = model.File.Normalizer.RemoveExtraWhitespaces;
    private bool _atBeginning = true;
    private bool _seenSpace;

    /// <summary>Appends a piece.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        PieceTable pieces = model.Pieces;
        int id = pieces.Find(piece);
        PieceType type = pieces.TypeOf(id);
        if (type == PieceType.Byte)
        {
            _pending.Add((byte)PieceTable.ByteOf(piece));
            return;
        }

        AppendPending();
        if (_seenSpace || _text.Count > 0)
        {
            _atBeginning = false;
        }

        _seenSpace = false;
        if (type == PieceType.Control)
        {
            return;
        }

        if (type == PieceType.Unknown)
        {
            _text.AddRange(piece.SequenceEqual(pieces[id].Bytes) ? model.UnknownSurface : piece);
            return;
        }

        ReadOnlySpan<byte> space = SentencePieceNormalizer.SpaceSymbol;
        if (_atBeginning && _stripsFirst && piece.StartsWith(space))
        {
            piece = piece[space.Length..];
            _seenSpace = !_stripsAll;
        }

        for (int at = piece.IndexOf(space); at >= 0; at = piece.IndexOf(space))
        {
            _text.AddRange(piece[..at]);
            _text.Add((byte)' ');
            piece = piece[(at + space.Length)..];
        }

        _text.AddRange(piece);
    }

    /// <summary>The text.</summary>
    public string Finish()
    {
        AppendPending();
        return model.Denormalize(CollectionsMarshal.AsSpan(_text));
    }

    /// <summary>A run of bytes: characters that are whole in it, U+FFFD for every other byte.</summary>
    private void AppendPending()
    {
        ReadOnlySpan<byte> rest = CollectionsMarshal.AsSpan(_pending);
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(rest, out _, out int length) == System.Buffers.OperationStatus.Done)
            {
                _text.AddRange(rest[..length]);
            }
            else
            {
                _text.AddRange("\uFFFD"u8);
                length = 1;
            }

            rest = rest[length..];
        }

        _pending.Clear();
    }
}
