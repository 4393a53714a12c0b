using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>Turns tokens of a GGUF vocabulary into text, as <c>llama_detokenize</c> does. Bytes that are no UTF-8 become U+FFFD.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="pieces">The bytes that each stands for.</param>
/// <param name="stripsFirstSpace">Whether a space that the first token begins with is not part of the text.</param>
/// <param name="cleansSpaces">Whether the space before punctuation marks and contractions goes.</param>
internal sealed class LlamaDecoder(LlamaVocabulary vocabulary, byte[][] pieces, bool stripsFirstSpace, bool cleansSpaces) : IDecoder
{
    /// <summary>The bytes that a token stands for within a text.</summary>
    public ReadOnlySpan<byte> BytesOf(string token) => vocabulary.Find(Encoding.UTF8.GetBytes(token)) is int id and >= 0 ? pieces[id] : [];

    /// <summary>Whether a space that the first token begins with is not part of the text.</summary>
    public bool StripsFirstSpace => stripsFirstSpace;

    /// <summary>Whether the space before punctuation marks and contractions goes.</summary>
    public bool CleansSpaces => cleansSpaces;

    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        List<byte> text = [];
        for (int at = 0; at < tokens.Count; at++)
        {
            ReadOnlySpan<byte> piece = BytesOf(tokens[at]);
            text.AddRange(at == 0 && stripsFirstSpace && piece.StartsWith(" "u8) ? piece[1..] : piece);
        }

        byte[] bytes = cleansSpaces ? SpaceCleaner.Clean([.. text]) : [.. text];
        tokens.Clear();
        tokens.Add(Encoding.UTF8.GetString(bytes));
    }
}
