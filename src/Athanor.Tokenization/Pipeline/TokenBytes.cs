using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.LlamaCpp;

namespace Athanor.Tokenization.Pipeline;

/// <summary>The bytes of text that a token stands for.</summary>
internal static class TokenBytes
{
    /// <summary>The bytes of an id within a text: what the decoder makes of it between two others.</summary>
    public static byte[] Of(TokenizerPipeline pipeline, int id)
    {
        if (pipeline.TokenOf(id) is not string token)
        {
            return [];
        }

        switch (pipeline.Decoder)
        {
            case ByteLevelDecoder:
                return ByteAlphabet.Read(token) ?? Encoding.UTF8.GetBytes(token);
            case WordPieceDecoder wordPiece:
                return Encoding.UTF8.GetBytes(
                    pipeline.Added.ContentOf(id) is not null ? token : token.StartsWith(wordPiece.Prefix, StringComparison.Ordinal) ? token[wordPiece.Prefix.Length..] : " " + token);
            case LlamaDecoder llama:
                return llama.BytesOf(token).ToArray();
            case SentencePieceDecoder sentencePiece when sentencePiece.ByteOf(token) is int single and >= 0:
                return [(byte)single];
            case null:
                return Encoding.UTF8.GetBytes(token);
        }

        if (ByteFallbackDecoder.TryGetByte(token, out byte value) && HasByteFallback(pipeline.Decoder))
        {
            return [value];
        }

        // Decoders treat the first token and the last in their own way
        List<string> tokens = ["a", token, "a"];
        pipeline.Decoder.Decode(tokens);
        string text = string.Concat(tokens);
        return Encoding.UTF8.GetBytes(text.Length >= 2 && text[0] == 'a' && text[^1] == 'a' ? text[1..^1] : token);
    }

    /// <summary>Whether a decoder reads runs of byte tokens.</summary>
    public static bool HasByteFallback(IDecoder? decoder) => decoder switch
    {
        ByteFallbackDecoder => true,
        DecoderSequence sequence => sequence.Decoders.Any(HasByteFallback),
        _ => false,
    };
}
