using System.Text;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>A SentencePiece model's rewriting as the normalizer of a pipeline.</summary>
internal sealed class SentencePieceRewriting(SentencePieceModel model) : INormalizer
{
    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        byte[] input = Encoding.UTF8.GetBytes(text.ToString());
        Utf8Text rewritten = new();
        model.Normalizer.Normalize(input, rewritten, withOrigins: true);
        string result = Encoding.UTF8.GetString(rewritten.Bytes);
        Offsets[] origins = new Offsets[result.Length];
        ReadOnlySpan<int> bytes = rewritten.Length == 0 ? [] : rewritten.Origins;
        TextPlaces places = new(input);
        int unit = 0;
        for (int at = 0; at < rewritten.Length;)
        {
            // A character reaches to where the next one came from, as SentencePiece counts it.
            int length = Unigrams.UnigramSegmenter.CharacterLength(rewritten.Bytes, at);
            int start = places.Of(bytes[at]).Units;
            int end = places.Of(bytes[at + length]).Units;
            Offsets origin = new(OriginalStart(text, start), end > start ? text.OriginOf(end - 1).End : OriginalStart(text, start));
            origins[unit++] = origin;
            if (length == 4)
            {
                origins[unit++] = origin;
            }

            at += length;
        }

        return NormalizedText.From(result, origins, text.Original);
    }

    private static int OriginalStart(NormalizedText text, int unit) => unit < text.Length ? text.OriginOf(unit).Start : text.Original.End;
}
