using System.Buffers;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// The unigram model of <c>tokenizer.json</c>: scores in double precision, neighbouring unknown characters one token, or their bytes where the vocabulary has a token for each.
/// Every token of the vocabulary can stand in the text, special ones too; of equal tokens the last counts.
/// </summary>
internal sealed class UnigramModel : ISamplingModel
{
    private readonly string[] _tokens;
    private readonly double[] _scores;
    private readonly UnigramSegmenter _segmenter;
    private readonly PieceTrie _trie;
    private readonly int _emptyId = -1;
    private readonly int[] _byteIds;

    [ThreadStatic]
    private static Segmentation? _segmentation;

    /// <param name="vocabulary">The tokens and the natural logarithms of their probabilities, by id.</param>
    /// <param name="unknownId">The id of unknown characters; null: there is none, they are an error.</param>
    /// <param name="byteFallback">Whether unknown characters are written as <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> where the vocabulary has these.</param>
    /// <exception cref="AthanorException">The unknown id is not in the vocabulary.</exception>
    public UnigramModel(IReadOnlyList<KeyValuePair<string, double>> vocabulary, int? unknownId, bool byteFallback)
    {
        if (unknownId is int unknown && (uint)unknown >= (uint)vocabulary.Count)
        {
            throw new AthanorException($"model.unk_id: {unknown} is not in the vocabulary of {vocabulary.Count} tokens", "set unk_id to the id of the token for unknown characters, or to null");
        }

        _tokens = new string[vocabulary.Count];
        _scores = new double[vocabulary.Count];
        byte[][] bytes = new byte[vocabulary.Count][];
        double smallest = double.PositiveInfinity;
        for (int id = 0; id < _tokens.Length; id++)
        {
            (_tokens[id], _scores[id]) = vocabulary[id];
            bytes[id] = Encoding.UTF8.GetBytes(_tokens[id]);
            smallest = _scores[id] < smallest ? _scores[id] : smallest;
            _emptyId = bytes[id].Length == 0 ? id : _emptyId;
        }

        UnknownId = unknownId;
        ByteFallback = byteFallback;
        _trie = new PieceTrie(bytes);
        UnknownScore = smallest - UnigramSegmenter.UnknownPenalty;
        _segmenter = new UnigramSegmenter(_trie, _scores, UnknownScore, unknownId ?? -1, single: false);
        _byteIds = byteFallback ? [.. Enumerable.Range(0, 256).Select(value => _trie.Find(Encoding.UTF8.GetBytes($"<0x{value:X2}>")))] : [];
    }

    /// <summary>The id of unknown characters.</summary>
    public int? UnknownId { get; }

    /// <summary>Whether unknown characters are written as bytes.</summary>
    public bool ByteFallback { get; }

    /// <summary>The score of an unknown character.</summary>
    public double UnknownScore { get; }

    /// <inheritdoc/>
    public int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public int IdLimit => _tokens.Length;

    /// <summary>The search for the best segmentation.</summary>
    internal UnigramSegmenter Segmenter => _segmenter;

    /// <summary>The score of an id.</summary>
    public double ScoreOf(int id) => _scores[id];

    /// <inheritdoc/>
    public bool TryGetId(string token, out int id)
    {
        id = token.Length == 0 ? _emptyId : _trie.Find(Encoding.UTF8.GetBytes(token));
        return id >= 0;
    }

    /// <inheritdoc/>
    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    /// <inheritdoc/>
    public void Tokenize(ReadOnlySpan<char> word, List<Piece> pieces)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        ReadOnlySpan<byte> text = buffer.AsSpan(0, Encoding.UTF8.GetBytes(word, buffer));
        Segmentation found = Found();
        _segmenter.Segment(text, 0, found);
        Join(text, found, pieces);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <inheritdoc/>
    public void Sample(ReadOnlySpan<char> word, double alpha, RandomStream random, List<Piece> pieces)
    {
        byte[] text = Encoding.UTF8.GetBytes(word.ToArray());
        if (UnknownId is null)
        {
            // Says which character is in no piece, if there is one.
            _segmenter.Segment(text, 0, Found());
        }

        Segmentation found = Found();
        new Lattice(text, _trie, (id, _) => (float)_scores[id], UnknownId ?? -1, (float)UnknownScore).Sample(alpha, random, found);
        Join(text, found, pieces);
    }

    /// <summary>Appends the ids of a word in UTF-8.</summary>
    /// <exception cref="EncodingException">A character is no piece, and there is no id for it.</exception>
    internal void AppendIds(ReadOnlySpan<byte> word, List<int> ids)
    {
        Segmentation found = Found();
        _segmenter.Segment(word, 0, found);
        int start = 0;
        for (int i = 0; i < found.Count; i++)
        {
            int id = found.Ids[i];
            if (id != _segmenter.UnknownId)
            {
                ids.Add(id);
                start = found.Ends[i];
                continue;
            }

            while (i + 1 < found.Count && found.Ids[i + 1] == id)
            {
                i++;
            }

            ReadOnlySpan<byte> run = word[start..found.Ends[i]];
            start = found.Ends[i];
            if (_trie.Find(run) is int whole and >= 0)
            {
                ids.Add(whole);
            }
            else if (HasBytes(run))
            {
                foreach (byte value in run)
                {
                    ids.Add(_byteIds[value]);
                }
            }
            else
            {
                ids.Add(id);
            }
        }
    }

    private static Segmentation Found()
    {
        Segmentation found = _segmentation ??= new();
        found.Clear();
        return found;
    }

    private bool HasBytes(ReadOnlySpan<byte> run)
    {
        foreach (byte value in run)
        {
            if (!ByteFallback || _byteIds[value] < 0)
            {
                return false;
            }
        }

        return true;
    }

    private void Join(ReadOnlySpan<byte> text, Segmentation found, List<Piece> pieces)
    {
        int start = 0;
        for (int i = 0; i < found.Count; i++)
        {
            int id = found.Ids[i];
            if (id == _segmenter.UnknownId)
            {
                while (i + 1 < found.Count && found.Ids[i + 1] == id)
                {
                    i++;
                }
            }

            int end = found.Ends[i];
            ReadOnlySpan<byte> run = text[start..end];
            if (id != _segmenter.UnknownId)
            {
                pieces.Add(new Piece(id, start, end));
            }
            else if (_trie.Find(run) is int whole and >= 0)
            {
                pieces.Add(new Piece(whole, start, end));
            }
            else if (HasBytes(run))
            {
                foreach (byte value in run)
                {
                    pieces.Add(new Piece(_byteIds[value], start, end));
                }
            }
            else
            {
                pieces.Add(new Piece(id, start, end, Encoding.UTF8.GetString(run)));
            }

            start = end;
        }
    }
}
