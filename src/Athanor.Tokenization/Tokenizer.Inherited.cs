using System.Buffers;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;
using Microsoft.ML.Tokenizers;

namespace Athanor.Tokenization;

/// <content>What Microsoft.ML.Tokenizers asks of a tokenizer. A cut at a number of tokens never falls within a character.</content>
public sealed partial class Tokenizer
{
    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids) => Decode(ids as int[] ?? [.. ids]);

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        StreamingDecoder decoder = OpenDecoder();
        idsConsumed = 0;
        charsWritten = 0;
        int read = 0;
        int position = 0;
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)VocabularySize)
            {
                return OperationStatus.InvalidData;
            }

            string piece = decoder.Append(id);
            read++;
            if (!piece.TryCopyTo(destination[position..]))
            {
                return OperationStatus.DestinationTooSmall;
            }

            position += piece.Length;
            if (!decoder.IsWithinCharacter)
            {
                // Only here do the ids read so far decode to exactly the characters written so far
                idsConsumed = read;
                charsWritten = position;
            }
        }

        string rest = decoder.Flush();
        if (!rest.TryCopyTo(destination[position..]))
        {
            return OperationStatus.DestinationTooSmall;
        }

        idsConsumed = read;
        charsWritten = position + rest.Length;
        return OperationStatus.Done;
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> source = text ?? textSpan;
        EncodedText encoding = Places(source, settings);
        IReadOnlyList<EncodedUnit> units = encoding.Units;
        List<EncodedToken> tokens = new(units.Count);
        int count = Fitting(source, units, settings.MaxTokenCount, out int consumed);
        for (int at = 0; at < count; at++)
        {
            tokens.Add(new EncodedToken(units[at].Id, TokenOf(units[at].Id), new Range(units[at].Offsets.Start, units[at].Offsets.End)));
        }

        return new EncodeResults<EncodedToken> { Tokens = tokens, CharsConsumed = consumed };
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> source = text ?? textSpan;
        List<int> ids = IdsOf(source, settings);
        int consumed = source.Length;
        if (ids.Count > settings.MaxTokenCount)
        {
            consumed = IndexOf(source, settings, out int count);
            ids.RemoveRange(count, ids.Count - count);
        }

        return new EncodeResults<int> { Tokens = ids, CharsConsumed = consumed };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> source = text ?? textSpan;
        int count = IsWhole(settings) ? CountOf(source) : IdsOf(source, settings).Count;
        if (count > settings.MaxTokenCount)
        {
            IndexOf(source, settings, out count);
        }

        return count;
    }

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.MaxTokenCount, 1);
        ReadOnlySpan<char> source = text ?? textSpan;
        normalizedText = null;
        if (!fromEnd)
        {
            return IndexOf(source, settings, out tokenCount);
        }

        if (IsWhole(settings) && WordsOf(source) is ByteLevelEncoder words)
        {
            using Utf8Copy utf8 = new(source);
            int all = Count(words, utf8.Span);
            int end = EndOf(words, utf8.Span, Math.Max(0, all - settings.MaxTokenCount), up: true, out int before);
            tokenCount = all - before;
            return utf8.CharsBefore(end);
        }

        IReadOnlyList<EncodedUnit> units = Places(source, settings).Units;
        int first = Math.Max(0, units.Count - settings.MaxTokenCount);
        while (first > 0 && first < units.Count && units[first].Offsets.Start < units[first - 1].Offsets.End)
        {
            first++;
        }

        tokenCount = units.Count - first;
        return first == units.Count ? source.Length : units[first].Offsets.Start;
    }

    // Where to cut a text to have at most so many tokens
    private int IndexOf(ReadOnlySpan<char> text, EncodeSettings settings, out int count)
    {
        if (IsWhole(settings) && WordsOf(text) is ByteLevelEncoder words)
        {
            using Utf8Copy utf8 = new(text);
            return utf8.CharsBefore(EndOf(words, utf8.Span, settings.MaxTokenCount, up: false, out count));
        }

        count = Fitting(text, Places(text, settings).Units, settings.MaxTokenCount, out int consumed);
        return consumed;
    }

    private static bool IsWhole(EncodeSettings settings) => settings.ConsiderPreTokenization && settings.ConsiderNormalization;

    private List<int> IdsOf(ReadOnlySpan<char> text, EncodeSettings settings)
    {
        List<int> ids = new((text.Length / 3) + 4);
        PipelineOf(settings).EncodeIds(text, withSpecial: false, ids);
        return ids;
    }

    private EncodedText Places(ReadOnlySpan<char> text, EncodeSettings settings) => PipelineOf(settings).Tokenize(text.ToString(), withSpecial: false);

    private TokenizerPipeline PipelineOf(EncodeSettings settings) => IsWhole(settings) ? Pipeline : Pipeline with
    {
        Normalizer = settings.ConsiderNormalization ? Pipeline.Normalizer : null,

        // Without words a byte-level model still wants its letters for bytes
        PreTokenizer = settings.ConsiderPreTokenization ? Pipeline.PreTokenizer
            : Pipeline.Decoder is ByteLevelDecoder ? new ByteLevelPreTokenizer(AddPrefixSpace: false, TrimOffsets: true, UseExpression: false)
            : null,
        FastEncoder = null,
    };

    private static int Fitting(ReadOnlySpan<char> text, IReadOnlyList<EncodedUnit> units, int maximum, out int consumed)
    {
        int count = Math.Min(units.Count, maximum);
        while (count > 0 && count < units.Count && units[count].Offsets.Start < units[count - 1].Offsets.End)
        {
            count--;
        }

        consumed = count == units.Count ? text.Length : count == 0 ? 0 : units[count - 1].Offsets.End;
        return count;
    }
}
