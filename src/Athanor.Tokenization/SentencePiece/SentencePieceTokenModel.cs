using System.Buffers;
using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>A SentencePiece model as the model of a pipeline: it takes rewritten text whole.</summary>
internal sealed class SentencePieceTokenModel(SentencePieceModel model) : ISamplingModel
{
    private readonly string[] _tokens = [.. model.File.Pieces.Select(piece => piece.Text)];

    [ThreadStatic]
    private static Segmentation? _segmentation;

    /// <summary>The model.</summary>
    public SentencePieceModel Model => model;

    /// <inheritdoc/>
    public int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public int IdLimit => _tokens.Length;

    /// <inheritdoc/>
    public bool TryGetId(string token, out int id)
    {
        id = model.IdOf(token);
        return _tokens[id] == token;
    }

    /// <inheritdoc/>
    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    /// <inheritdoc/>
    public void Tokenize(ReadOnlySpan<char> word, List<Piece> pieces)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        ReadOnlySpan<byte> text = buffer.AsSpan(0, Encoding.UTF8.GetBytes(word, buffer));
        Segmentation found = Found();
        model.Segmenter.Segment(text, found);
        Join(text, found, pieces);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <inheritdoc/>
    public void Sample(ReadOnlySpan<char> word, double alpha, RandomStream random, List<Piece> pieces)
    {
        byte[] text = Encoding.UTF8.GetBytes(word.ToArray());
        if (text.Length == 0)
        {
            return;
        }

        Segmentation found = Found();
        switch (model.Segmenter)
        {
            case UnigramPieces unigram:
                unigram.LatticeOf(text).Sample(alpha, random, found);
                break;
            case BytePairSegmenter bytePairs:
                bytePairs.Segment(text, found, 0, alpha, random);
                break;
            default:
                throw new NotSupportedException($"a model of {model.File.Trainer.ModelType} writes a text in one way only");
        }

        Join(text, found, pieces);
    }

    private static Segmentation Found()
    {
        Segmentation found = _segmentation ??= new();
        found.Clear();
        return found;
    }

    private void Join(ReadOnlySpan<byte> text, Segmentation found, List<Piece> pieces)
    {
        int start = 0;
        for (int i = 0; i < found.Count; i++)
        {
            int id = found.Ids[i];
            int end = found.Ends[i];
            if (id != model.UnknownId)
            {
                pieces.Add(new Piece(id, start, end));
                start = end;
                continue;
            }

            if (model.Pieces.ByteFallback)
            {
                foreach (byte value in text[start..end])
                {
                    pieces.Add(new Piece(model.Pieces.IdOfByte(value), start, end));
                }

                start = end;
                continue;
            }

            while (i + 1 < found.Count && found.Ids[i + 1] == id)
            {
                i++;
            }

            end = found.Ends[i];
            pieces.Add(new Piece(id, start, end, Encoding.UTF8.GetString(text[start..end])));
            start = end;
        }
    }
}
