using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>A SentencePiece model as a pipeline like any other.</summary>
internal static class SentencePiecePipeline
{
    /// <summary>Puts the parts of a model together. No special tokens are added, as the library adds none by itself.</summary>
    public static TokenizerPipeline Of(SentencePieceModel model) => new()
    {
        Model = new SentencePieceTokenModel(model),
        Normalizer = new SentencePieceRewriting(model),
        Decoder = new SentencePieceDecoder(model),
        FastEncoder = new SentencePieceEncoder(model),
    };
}
