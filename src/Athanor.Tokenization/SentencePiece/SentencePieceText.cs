using System.Buffers;
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
    private int _taken;

    /// <summary>Whether the last pieces are bytes of a character that is not whole yet.</summary>
    public bool IsWithinCharacter => _pending.Count > 0;

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

        AppendPending(final: true);
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

    /// <summary>The text that became certain since the last call, before the denormalizer.</summary>
    /// <param name="final">Whether no more pieces come.</param>
    public string Take(bool final)
    {
        AppendPending(final);
        string taken = Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(_text)[_taken..]);
        _taken = _text.Count;
        if (_taken > 1 << 12)
        {
            // What was taken is not needed again; that there was some is.
            _text.RemoveRange(0, _taken - 1);
            _taken = 1;
        }

        return taken;
    }

    /// <summary>The text.</summary>
    public string Finish()
    {
        AppendPending(final: true);
        return model.Denormalize(CollectionsMarshal.AsSpan(_text));
    }

    /// <summary>A run of bytes: characters that are whole in it, U+FFFD for every other byte. The beginning of a character waits for its rest.</summary>
    private void AppendPending(bool final)
    {
        ReadOnlySpan<byte> rest = CollectionsMarshal.AsSpan(_pending);
        while (!rest.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(rest, out _, out int length);
            if (status == OperationStatus.NeedMoreData && !final)
            {
                break;
            }

            length = status == OperationStatus.Done ? length : 1;
            _text.AddRange(status == OperationStatus.Done ? rest[..length] : "\uFFFD"u8);
            rest = rest[length..];
        }

        _pending.RemoveRange(0, _pending.Count - rest.Length);
    }
}
