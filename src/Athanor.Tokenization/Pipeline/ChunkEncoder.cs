using System.Runtime.InteropServices;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;
using Athanor.Tokenization.WordPieces;

namespace Athanor.Tokenization.Pipeline;

/// <summary>
/// The short way to ids where white space parts a text into chunks that have nothing to do with each other, as with BERT's and T5's: the ids of a chunk as it stands in the text, before any
/// normalizer, are remembered.
/// </summary>
internal sealed class ChunkEncoder : IFastEncoder
{
    private readonly TokenizerPipeline _parts;
    private readonly bool _seesClusters;
    private readonly bool _cutsAtPunctuation;
    private readonly RememberedWords _remembered = new();

    [ThreadStatic]
    private static Scratch? _scratch;

    private ChunkEncoder(TokenizerPipeline parts)
    {
        _parts = parts;
        _seesClusters = SeesClusters(parts.Normalizer);

        // BERT makes every sign a word, and its normalizers make nothing of two characters that the canonical decomposition does not
        _cutsAtPunctuation = parts.PreTokenizer is BertPreTokenizer && parts.Normalizer is null or BertNormalizer or LowercaseNormalizer;
    }

    /// <summary>The short way for the parts of a pipeline, or null where its chunks are not known to be independent.</summary>
    public static ChunkEncoder? For(TokenizerPipeline pipeline)
    {
        bool cutsAtSpaces = pipeline.PreTokenizer is BertPreTokenizer or WhitespacePreTokenizer or WhitespaceSplitPreTokenizer
            or PreTokenizerSequence { PreTokenizers: [WhitespaceSplitPreTokenizer] or [WhitespaceSplitPreTokenizer, MetaspacePreTokenizer { PrependScheme: not PrependScheme.First }] };
        return cutsAtSpaces && IsLocal(pipeline.Normalizer) && pipeline.Model is WordPieceModel or UnigramModel ? new ChunkEncoder(pipeline) : null;
    }

    // Whether it makes the same of a chunk alone as of the chunk within a text
    private static bool IsLocal(INormalizer? normalizer) => normalizer switch
    {
        null or BertNormalizer or PrecompiledNormalizer or LowercaseNormalizer or StripAccentsNormalizer or UnicodeNormalizer => true,
        ReplaceNormalizer { Pattern: { IsExpression: false } pattern } => pattern.Text.Length > 0 && !pattern.Text.Any(char.IsWhiteSpace),
        NormalizerSequence sequence => sequence.Normalizers.All(IsLocal),
        _ => false,
    };

    private static bool SeesClusters(INormalizer? normalizer) =>
        normalizer is PrecompiledNormalizer || (normalizer is NormalizerSequence sequence && sequence.Normalizers.Any(SeesClusters));

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        using Utf8Copy copy = new(text);
        ReadOnlySpan<byte> utf8 = copy.Span;
        for (int at = 0; at < utf8.Length;)
        {
            if (AsciiChunks.IsSpace(utf8[at]))
            {
                at++;
                continue;
            }

            int length = LengthOf(utf8[at..]);
            if (!_remembered.TryAppend(utf8, at, length, ids))
            {
                int before = ids.Count;
                EncodeNew(utf8.Slice(at, length), ids);
                _remembered.Keep(utf8.Slice(at, length), CollectionsMarshal.AsSpan(ids)[before..]);
            }

            at += length;
        }
    }

    private int LengthOf(ReadOnlySpan<byte> text)
    {
        if (_cutsAtPunctuation)
        {
            return AsciiChunks.LengthOf(text);
        }

        int end = 1;
        while (end < text.Length)
        {
            if (!AsciiChunks.IsSpace(text[end]))
            {
                end++;
                continue;
            }

            int next = end + 1;
            while (next < text.Length && AsciiChunks.IsSpace(text[next]))
            {
                next++;
            }

            // A space may be in one grapheme cluster with a character beyond ASCII on either side
            if (!_seesClusters || ((next == text.Length || text[next] < 0x80) && text[end - 1] < 0x80))
            {
                return end;
            }

            end = next;
        }

        return end;
    }

    private void EncodeNew(ReadOnlySpan<byte> chunk, List<int> ids)
    {
        Scratch scratch = _scratch ??= new();
        PlainText text = scratch.Text;
        List<Piece> pieces = scratch.Pieces;
        pieces.Clear();
        text.Set(chunk);
        _parts.Normalizer?.Rewrite(text);
        if (_parts.PreTokenizer is IWordCutter cutter)
        {
            for (int at = 0; cutter.NextWord(text.Span, ref at, out int start);)
            {
                _parts.Model.Tokenize(text.Span[start..at], pieces);
            }
        }
        else
        {
            PreTokenizedText words = new(NormalizedText.From(text.Span.ToString()));
            _parts.PreTokenizer!.PreTokenize(words);
            foreach (TextPart word in words.Parts)
            {
                _parts.Model.Tokenize(word.Text.Span, pieces);
            }
        }

        foreach (Piece piece in pieces)
        {
            ids.Add(piece.Id);
        }
    }

    private sealed class Scratch
    {
        public PlainText Text { get; } = new();

        public List<Piece> Pieces { get; } = [];
    }
}
