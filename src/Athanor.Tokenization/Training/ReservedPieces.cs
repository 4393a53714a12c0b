using System.Globalization;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.Training;

/// <summary>The pieces of a SentencePiece model that are given, not learnt: unknown, beginning, end, padding, control and user-defined symbols, bytes.</summary>
internal sealed class ReservedPieces
{
    private readonly SortedDictionary<int, (string Text, PieceType Type)> _pieces = [];
    private readonly PieceTrie _trie;

    /// <param name="spec">Names them.</param>
    /// <exception cref="AthanorException">Two are alike, or an id is taken or out of range.</exception>
    public ReservedPieces(TrainerSpec spec)
    {
        Insert(spec, spec.UnknownId, spec.UnknownPiece, PieceType.Unknown);
        Insert(spec, spec.BeginningId, spec.BeginningPiece, PieceType.Control);
        Insert(spec, spec.EndId, spec.EndPiece, PieceType.Control);
        Insert(spec, spec.PaddingId, spec.PaddingPiece, PieceType.Control);
        if (spec.UnknownId < 0)
        {
            throw new AthanorException($"{spec.UnknownPiece} has no id", "set unk_id to 0 or more");
        }

        HashSet<string> seen = [];
        foreach (string symbol in spec.ControlSymbols)
        {
            Append(spec, symbol, PieceType.Control, seen);
        }

        foreach (string symbol in spec.UserDefinedSymbols)
        {
            Append(spec, symbol, PieceType.UserDefined, seen);
        }

        for (int value = 0; spec.ByteFallback && value < 256; value++)
        {
            Append(spec, string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), PieceType.Byte, seen);
        }

        _trie = new PieceTrie([.. _pieces.Values.Select(piece => Encoding.UTF8.GetBytes(piece.Text))]);
    }

    /// <summary>How many there are.</summary>
    public int Count => _pieces.Count;

    /// <summary>How many bytes at the beginning of a text are such a piece; 0 where it begins with none.</summary>
    public int LengthAt(ReadOnlySpan<byte> text) => _trie.LongestPrefix(text);

    /// <summary>All pieces by id: the given ones at their ids, the learnt ones between and after.</summary>
    public IReadOnlyList<ModelPiece> With(IReadOnlyList<(byte[] Piece, float Score)> learnt)
    {
        List<ModelPiece> all = [];
        int next = 0;
        while (all.Count < _pieces.Count + learnt.Count)
        {
            if (_pieces.TryGetValue(all.Count, out (string Text, PieceType Type) given))
            {
                all.Add(new ModelPiece(given.Text, 0, given.Type));
            }
            else if (next < learnt.Count)
            {
                all.Add(new ModelPiece(learnt[next].Piece, learnt[next].Score));
                next++;
            }
            else
            {
                throw new AthanorException($"there are not enough pieces to reach the id {_pieces.Keys.First(id => id >= all.Count)}", "choose lower ids for the special pieces");
            }
        }

        return all;
    }

    private void Insert(TrainerSpec spec, int id, string text, PieceType type)
    {
        if (id < 0)
        {
            return;
        }

        if (id >= spec.VocabularySize || (text == spec.UnknownPiece && type != PieceType.Unknown) || !_pieces.TryAdd(id, (text, type)))
        {
            throw new AthanorException($"the piece {text} cannot have the id {id}", "give every special piece an id of its own below vocab_size, and a name of its own");
        }
    }

    private void Append(TrainerSpec spec, string text, PieceType type, HashSet<string> seen)
    {
        if (!seen.Add(text) || text == spec.UnknownPiece || text.Length == 0)
        {
            throw new AthanorException($"the symbol \"{text}\" is defined twice, or is empty", "name each symbol once");
        }

        // A symbol with the name of a special piece only changes that piece's type
        int id = text == spec.BeginningPiece ? spec.BeginningId : text == spec.EndPiece ? spec.EndId : text == spec.PaddingPiece ? spec.PaddingId : -1;
        if (id < 0)
        {
            id = 0;
            while (_pieces.ContainsKey(id))
            {
                id++;
            }
        }

        _pieces[id] = (text, type);
    }
}
