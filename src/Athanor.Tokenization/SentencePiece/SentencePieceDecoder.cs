using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>SentencePiece's decoding as the decoder of a pipeline.</summary>
internal sealed class SentencePieceDecoder(SentencePieceModel model) : IDecoder
{
    /// <summary>Text put together piece by piece; null where it has to be rewritten as a whole afterwards.</summary>
    public SentencePieceText? Open() => model.HasDenormalizer ? null : new SentencePieceText(model);

    /// <summary>The byte a token stands for, or −1.</summary>
    public int ByteOf(string token)
    {
        byte[] piece = Encoding.UTF8.GetBytes(token);
        return model.Pieces.TypeOf(model.Pieces.Find(piece)) == PieceType.Byte ? PieceTable.ByteOf(piece) : -1;
    }

    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        SentencePieceText text = new(model);
        foreach (string token in tokens)
        {
            text.Append(Encoding.UTF8.GetBytes(token));
        }

        tokens.Clear();
        tokens.Add(text.Finish());
    }
}
