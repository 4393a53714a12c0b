using System.Buffers;
using System.Text;
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
        List<int> ids = IdsOf(source, settings);
        List<EncodedToken> tokens = new(ids.Count);
        List<int> ends = EndsOf(source, ids, out List<int> starts);
        int count = Fitting(source, ends, starts, settings.MaxTokenCount, out int consumed);
        for (int at = 0; at < count; at++)
        {
            tokens.Add(new EncodedToken(ids[at], TokenOf(ids[at]), new Range(starts[at], ends[at])));
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
            List<int> ends = EndsOf(source, ids, out List<int> starts);
            int count = Fitting(source, ends, starts, settings.MaxTokenCount, out consumed);
            ids.RemoveRange(count, ids.Count - count);
        }

        return new EncodeResults<int> { Tokens = ids, CharsConsumed = consumed };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> source = text ?? textSpan;
        List<int> ids = IdsOf(source, settings);
        return ids.Count <= settings.MaxTokenCount ? ids.Count : Fitting(source, EndsOf(source, ids, out List<int> starts), starts, settings.MaxTokenCount, out _);
    }

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.MaxTokenCount, 1);
        ReadOnlySpan<char> source = text ?? textSpan;
        normalizedText = null;
        List<int> ids = IdsOf(source, settings);
        List<int> ends = EndsOf(source, ids, out List<int> starts);
        if (!fromEnd)
        {
            tokenCount = Fitting(source, ends, starts, settings.MaxTokenCount, out int consumed);
            return consumed;
        }

        int first = Math.Max(0, ids.Count - settings.MaxTokenCount);
        while (first > 0 && first < ids.Count && starts[first] < ends[first - 1])
        {
            first++;
        }

        tokenCount = ids.Count - first;
        return first == ids.Count ? source.Length : starts[first];
    }

    private List<int> IdsOf(ReadOnlySpan<char> text, EncodeSettings settings)
    {
        List<int> ids = new((text.Length / 3) + 4);
        if (settings.ConsiderPreTokenization)
        {
            Encode(text, ids);
        }
        else
        {
            EncodeBytes(text, ids);
        }

        return ids;
    }

    /// <summary>Where each token begins and ends in the text, in UTF-16 units; tokens that share a character all cover it.</summary>
    private List<int> EndsOf(ReadOnlySpan<char> text, List<int> ids, out List<int> starts)
    {
        starts = new(ids.Count);
        List<int> ends = new(ids.Count);
        long bytePosition = 0;
        long characterStart = 0;
        long characterEnd = 0;
        int charStart = 0;
        int charEnd = 0;
        foreach (int id in ids)
        {
            long end = bytePosition + _bytes[id].Length;
            while (characterEnd <= bytePosition)
            {
                Advance(text);
            }

            starts.Add(charStart);
            while (characterEnd < end)
            {
                Advance(text);
            }

            ends.Add(charEnd);
            bytePosition = end;
        }

        return ends;

        void Advance(ReadOnlySpan<char> source)
        {
            charStart = charEnd;
            characterStart = characterEnd;
            Rune.DecodeFromUtf16(source[charStart..], out Rune rune, out int width);
            charEnd = charStart + width;
            characterEnd = characterStart + rune.Utf8SequenceLength;
        }
    }

    private static int Fitting(ReadOnlySpan<char> text, List<int> ends, List<int> starts, int maximum, out int consumed)
    {
        int count = Math.Min(ends.Count, maximum);
        while (count > 0 && count < ends.Count && starts[count] < ends[count - 1])
        {
            count--;
        }

        consumed = count == ends.Count ? text.Length : count == 0 ? 0 : ends[count - 1];
        return count;
    }
}
