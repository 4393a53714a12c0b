using System.Buffers;
using System.Text;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Byte-level byte pairs behind an expression that is written by hand (<see cref="ByteLevelEncoder"/>), as a pipeline's short way to ids.</summary>
/// <param name="encoder">What encodes words.</param>
/// <param name="normalizer">Brings the text into normal form C before; null: nothing does.</param>
/// <param name="addPrefixSpace">Whether a text that does not begin with a space gets one.</param>
internal sealed class ByteLevelFastEncoder(ByteLevelEncoder encoder, UnicodeNormalizer? normalizer, bool addPrefixSpace) : IFastEncoder
{
    [ThreadStatic]
    private static PlainText? _normalized;

    /// <summary>The short way for the parts of a pipeline, or null where there is none.</summary>
    public static ByteLevelFastEncoder? For(TokenizerPipeline pipeline)
    {
        (string? expression, bool addPrefixSpace) = pipeline.PreTokenizer switch
        {
            ByteLevelPreTokenizer { UseExpression: true } byteLevel => (Gpt2Pattern.Expression, byteLevel.AddPrefixSpace),
            PreTokenizerSequence
            {
                PreTokenizers: [SplitPreTokenizer { Behavior: SplitBehavior.Isolated, Invert: false, Pattern: { IsExpression: true } pattern }, ByteLevelPreTokenizer { AddPrefixSpace: false, UseExpression: false }]
            } => (pattern.Text, false),
            _ => (null, false),
        };
        UnicodeNormalizer? normalizer = pipeline.Normalizer as UnicodeNormalizer;
        bool isKnown = pipeline.Normalizer is null or NormalizerSequence { Normalizers: [] } or UnicodeNormalizer { Form: NormalizationForm.FormC };
        if (expression is null || !isKnown || pipeline.Model is not BytePairTokenModel model
            || !string.IsNullOrEmpty(model.Options.ContinuingPrefix) || !string.IsNullOrEmpty(model.Options.EndOfWordSuffix))
        {
            return null;
        }

        int[] byteIds = new int[256];
        for (int value = 0; value < byteIds.Length; value++)
        {
            // Without a token for a byte the model has more to decide: what is unknown, and what becomes of it
            if (!model.TryGetId(ByteAlphabet.CharacterOf((byte)value).ToString(), out byteIds[value]))
            {
                return null;
            }
        }

        TokenTable? whole = null;
        if (model.Options.IgnoreMerges)
        {
            byte[]?[] tokens = new byte[]?[model.IdLimit];
            foreach (int id in model.Vocabulary.Ids)
            {
                tokens[id] = ByteAlphabet.Read(model.Vocabulary.BytesOf(id));
            }

            whole = new TokenTable(tokens);
        }

        return ByteLevelEncoder.For(expression, new BytePairModel(byteIds, model.Merges, model.Options.OneRankAToken), whole) is ByteLevelEncoder encoder
            ? new ByteLevelFastEncoder(encoder, normalizer, addPrefixSpace)
            : null;
    }

    /// <inheritdoc/>
    public ByteLevelEncoder? Words => normalizer is null && !addPrefixSpace ? encoder : null;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        // What a normal form of the parts of a letter rewrites lies above U+0300
        if (normalizer is not null && text.ContainsAnyExceptInRange('\0', '\u02FF'))
        {
            using Utf8Copy utf8 = new(text);
            PlainText normalized = _normalized ??= new();
            normalized.Set(utf8.Span);
            normalizer.Rewrite(normalized);
            Encode(normalized.Span, ids);
        }
        else
        {
            Encode(text, ids);
        }
    }

    private void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        if (addPrefixSpace && text is not [] and not [' ', ..])
        {
            // The space belongs to the first word
            byte[] spaced = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length) + 1);
            spaced[0] = (byte)' ';
            encoder.Encode(spaced.AsSpan(0, 1 + Encoding.UTF8.GetBytes(text, spaced.AsSpan(1))), ids);
            ArrayPool<byte>.Shared.Return(spaced);
            return;
        }

        using Utf8Copy utf8 = new(text);
        encoder.Encode(utf8.Span, ids);
    }
}
