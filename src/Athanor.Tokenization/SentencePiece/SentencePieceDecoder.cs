using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>SentencePiece's decoding as the decoder of a pipeline.</summary>
internal sealed class SentencePieceDecoder(SentencePieceModel model) : IDecoder
{
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
