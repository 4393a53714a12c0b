using System.Globalization;
using Athanor.Core.Errors;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>The pieces of a model by id and by text, checked as SentencePiece checks them.</summary>
internal sealed class PieceTable
{
    private readonly IReadOnlyList<ModelPiece> _pieces;
    private readonly float[] _scores;
    private readonly PieceType[] _types;
    private readonly PieceTrie _reserved;
    private readonly PieceTrie? _userDefined;
    private readonly int[] _byteIds = [];

    /// <param name="file">The model.</param>
    /// <param name="name">Its name, for faults.</param>
    /// <exception cref="AthanorException">The pieces contradict each other.</exception>
    public PieceTable(SentencePieceFile file, string name)
    {
        _pieces = file.Pieces;
        _scores = [.. _pieces.Select(piece => piece.Score)];
        _types = [.. _pieces.Select(piece => piece.Type)];
        ByteFallback = file.Trainer.ByteFallback;
        Trie = TrieOf(name, PieceType.Normal, PieceType.UserDefined, PieceType.Unused);
        _reserved = TrieOf(name, PieceType.Control, PieceType.Unknown, PieceType.Byte);
        _userDefined = _types.Contains(PieceType.UserDefined) ? TrieOf(name, PieceType.UserDefined) : null;
        int[] unknown = [.. Enumerable.Range(0, Count).Where(id => _types[id] == PieceType.Unknown)];
        UnknownId = unknown.Length == 1
            ? unknown[0]
            : throw Fault(name, unknown.Length == 0 ? "there is no unknown piece" : $"pieces {unknown[0]} and {unknown[1]} are both the unknown piece");
        CheckTexts(name);
        if (ByteFallback)
        {
            _byteIds = [.. Enumerable.Range(0, 256).Select(value => Find(System.Text.Encoding.UTF8.GetBytes(ByteName((byte)value))))];
        }
    }

    /// <summary>How many pieces there are.</summary>
    public int Count => _pieces.Count;

    /// <summary>The id of the unknown piece.</summary>
    public int UnknownId { get; }

    /// <summary>Whether unknown characters are written as bytes; there are all 256 then.</summary>
    public bool ByteFallback { get; }

    /// <summary>Normal, user-defined and unused pieces by text.</summary>
    public PieceTrie Trie { get; }

    /// <summary>User-defined pieces by text; null where there are none.</summary>
    public PieceTrie? UserDefined => _userDefined;

    /// <summary>The name of a byte's piece.</summary>
    public static string ByteName(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>The byte a piece of this name stands for, or −1.</summary>
    public static int ByteOf(ReadOnlySpan<byte> piece) =>
        piece.Length == 6 && piece.StartsWith("<0x"u8) && piece[5] == '>' && Digit(piece[3]) is int high and >= 0 && Digit(piece[4]) is int low and >= 0
            ? (high << 4) | low
            : -1;

    /// <summary>The piece of an id.</summary>
    public ModelPiece this[int id] => _pieces[id];

    /// <summary>The score of an id.</summary>
    public float ScoreOf(int id) => _scores[id];

    /// <summary>The type of an id.</summary>
    public PieceType TypeOf(int id) => _types[id];

    /// <summary>The id of a byte's piece.</summary>
    public int IdOfByte(byte value) => _byteIds[value];

    /// <summary>The id of a piece; the unknown piece's where there is none.</summary>
    public int Find(ReadOnlySpan<byte> piece)
    {
        int id = _reserved.Find(piece);
        id = id >= 0 ? id : Trie.Find(piece);
        return id >= 0 ? id : UnknownId;
    }

    /// <summary>The length of the longest user-defined piece a text begins with, or else of its first character.</summary>
    public int PrefixLength(ReadOnlySpan<byte> text, out bool userDefined)
    {
        int length = _userDefined?.LongestPrefix(text) ?? 0;
        userDefined = length > 0;
        return userDefined ? length : UnigramSegmenter.CharacterLength(text, 0);
    }

    /// <summary>Where a text may be cut because no piece crosses the place.</summary>
    public WordCuts? FindCuts()
    {
        WordCuts cuts = new(Enumerable.Range(0, Count).Where(id => _types[id] is PieceType.Normal or PieceType.UserDefined or PieceType.Unused).Select(id => _pieces[id].Bytes));
        return cuts.CutsWords ? cuts : null;
    }

    private static int Digit(byte value) => value is >= (byte)'0' and <= (byte)'9' ? value - '0' : value is >= (byte)'A' and <= (byte)'F' ? value - 'A' + 10 : -1;

    private static AthanorException Fault(string name, string fault) => new($"{name}: {fault}", "copy or download the file again, or train the model anew");

    private PieceTrie TrieOf(string name, params PieceType[] types)
    {
        int[] ids = [.. Enumerable.Range(0, Count).Where(id => types.Contains(_types[id]))];
        PieceTrie trie = new([.. ids.Select(id => _pieces[id].Bytes)], ids);
        foreach (int id in ids)
        {
            if (trie.Find(_pieces[id].Bytes) is int other && other != id)
            {
                throw Fault(name, $"pieces {id} and {other} are both \"{_pieces[id].Text}\"");
            }
        }

        return trie;
    }

    private void CheckTexts(string name)
    {
        bool[] found = new bool[256];
        for (int id = 0; id < Count; id++)
        {
            if (!System.Text.Unicode.Utf8.IsValid(_pieces[id].Bytes))
            {
                throw Fault(name, $"piece {id} is no UTF-8");
            }

            if (_types[id] == PieceType.Byte)
            {
                int value = ByteOf(_pieces[id].Bytes);
                if (!ByteFallback || value < 0)
                {
                    throw Fault(name, ByteFallback ? $"piece {id}, \"{_pieces[id].Text}\", is said to be a byte" : $"piece {id} is a byte, but byte_fallback is off");
                }

                found[value] = true;
            }
        }

        if (ByteFallback && Array.IndexOf(found, false) is int missing and >= 0)
        {
            throw Fault(name, $"byte_fallback is on, but there is no piece {ByteName((byte)missing)}");
        }
    }
}
