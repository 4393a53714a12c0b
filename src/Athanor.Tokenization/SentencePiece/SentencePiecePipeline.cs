using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>A SentencePiece model as a pipeline like any other.</summary>
internal static class SentencePiecePipeline
{
    /// <summary>
    /// Puts the parts of a model together. Control pieces are its special tokens: recognised in text only where the caller asks for it, which the library never does. No special
    /// tokens are added around a text, as the library adds none by itself.
    /// </summary>
    public static TokenizerPipeline Of(SentencePieceModel model)
    {
        SentencePieceTokenModel tokens = new(model);
        SentencePieceRewriting rewriting = new(model);
        IEnumerable<AddedToken> control = model.File.Pieces.Where(piece => piece.Type == PieceType.Control).Select(piece => new AddedToken(piece.Text));
        return new TokenizerPipeline
        {
            Model = tokens,
            Added = new AddedVocabulary([.. control], tokens, rewriting),
            Normalizer = rewriting,
            Decoder = new SentencePieceDecoder(model),
            FastEncoder = new SentencePieceEncoder(model),
        };
    }
}
