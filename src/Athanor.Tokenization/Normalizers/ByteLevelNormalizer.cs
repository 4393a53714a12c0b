using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Normalizers;

/// <summary>Writes every byte of the text's UTF-8 as the letter that stands for it (<see cref="ByteAlphabet"/>).</summary>
internal sealed record ByteLevelNormalizer : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        // Most of ASCII stands for itself
        if (TextRewriter.KeepsAsItIs(text) && !text.Span.ContainsAnyExceptInRange('!', '~'))
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune character in text.Span.EnumerateRunes())
        {
            int count = character.EncodeToUtf8(bytes);
            for (int at = 0; at < count; at++)
            {
                rewriter.Add(ByteAlphabet.CharacterOf(bytes[at]), at == 0 ? 0 : 1);
            }
        }

        return rewriter.ToText();
    }
}
