using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
    private readonly WordCache _cache = new();
    private readonly LongWordCache _longCache = new();

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
        int count = ids.Count;
        CollectionsMarshal.SetCount(ids, count + (utf8.Length / 2) + LongWordCache.LongestWord);
        Span<int> room = CollectionsMarshal.AsSpan(ids);
        for (int at = 0; at < utf8.Length;)
        {
            if (IsSpace(utf8[at]))
            {
                at++;
                continue;
            }

            int length = LengthOf(utf8[at..]);
            if (room.Length - count < LongWordCache.LongestWord)
            {
                CollectionsMarshal.SetCount(ids, (2 * count) + LongWordCache.LongestWord);
                room = CollectionsMarshal.AsSpan(ids);
            }

            if (length <= WordCache.LongestWord)
            {
                Vector256<byte> chunk = WordCache.Load(utf8, at, length);
                ulong hash = WordCache.Hash(chunk, length);
                int known = _cache.Get(chunk, length, hash, ref room[count]);
                if (known > 0)
                {
                    (count, at) = (count + known, at + length);
                    continue;
                }
            }

            CollectionsMarshal.SetCount(ids, count);
            EncodeNew(utf8.Slice(at, length), ids);
            count = ids.Count;
            CollectionsMarshal.SetCount(ids, count + ((utf8.Length - at) / 2) + LongWordCache.LongestWord);
            room = CollectionsMarshal.AsSpan(ids);
            at += length;
        }

        CollectionsMarshal.SetCount(ids, count);
    }

    private int LengthOf(ReadOnlySpan<byte> text)
    {
        int end = 1;
        if (_cutsAtPunctuation)
        {
            while (!IsPunctuation(text[0]) && end < text.Length && !IsSpace(text[end]) && !IsPunctuation(text[end]))
            {
                end++;
            }

            return end;
        }

        while (end < text.Length)
        {
            if (!IsSpace(text[end]))
            {
                end++;
                continue;
            }

            int next = end + 1;
            while (next < text.Length && IsSpace(text[next]))
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

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private static bool IsPunctuation(byte value) => value is (> (byte)' ' and < (byte)'0') or (> (byte)'9' and < (byte)'A') or (> (byte)'Z' and < (byte)'a') or (> (byte)'z' and < 0x7F);

    private void EncodeNew(ReadOnlySpan<byte> chunk, List<int> ids)
    {
        ulong hash = WordCache.Hash(chunk);
        int before = ids.Count;
        if (chunk.Length <= LongWordCache.LongestWord)
        {
            Span<int> known = stackalloc int[LongWordCache.LongestWord];
            int count = _longCache.Get(chunk, hash, known);
            if (count > 0)
            {
                ids.AddRange(known[..count]);
                return;
            }
        }

        using Utf16Copy text = new(chunk);
        NormalizedText normalized = NormalizedText.From(text.Span.ToString());
        PreTokenizedText words = new(_parts.Normalizer?.Normalize(normalized) ?? normalized);
        _parts.PreTokenizer!.PreTokenize(words);
        List<Piece> pieces = [];
        foreach (TextPart word in words.Parts)
        {
            _parts.Model.Tokenize(word.Text.Span, pieces);
        }

        foreach (Piece piece in pieces)
        {
            ids.Add(piece.Id);
        }

        ReadOnlySpan<int> found = CollectionsMarshal.AsSpan(ids)[before..];
        if (found.Length is > 0 and <= WordCache.MostIds && chunk.Length <= WordCache.LongestWord)
        {
            _cache.Set(WordCache.Load(chunk, 0, chunk.Length), chunk.Length, hash, found);
        }
        else if (found.Length is > 0 and <= LongWordCache.MostIds && chunk.Length <= LongWordCache.LongestWord && found.Length <= chunk.Length)
        {
            _longCache.Set(chunk, hash, found);
        }
    }
}
