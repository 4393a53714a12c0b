namespace Athanor.Tokenization.Pipeline;

/// <summary>How an encoding that is too long is cut into pieces.</summary>
/// <param name="MaxLength">The most tokens of an encoding, added ones included.</param>
/// <param name="Stride">How many tokens two neighbouring pieces share.</param>
/// <param name="Strategy">Which text of a pair gives way.</param>
/// <param name="Left">Whether the beginning is cut off instead of the end.</param>
internal sealed record Truncation(int MaxLength, int Stride = 0, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, bool Left = false)
{
    /// <summary>Cuts one text or two, so that they and the tokens still to be added are no longer than asked.</summary>
    /// <exception cref="EncodingException">The text that is to give way is too short, or missing; or the length has no room for the shared tokens.</exception>
    public (EncodedText First, EncodedText? Second) Apply(EncodedText first, EncodedText? second, int addedTokens)
    {
        int room = MaxLength - addedTokens;
        if (room < 0)
        {
            // Hugging Face subtracts without a sign here: a length without room for the added tokens is no bound
            return (first, second);
        }

        if (room == 0)
        {
            return (Cut(first, 0), second is null ? null : Cut(second, 0));
        }

        int excess = first.Count + (second?.Count ?? 0) - room;
        if (excess <= 0)
        {
            return (first, second);
        }

        switch (Strategy)
        {
            case TruncationStrategy.LongestFirst when second is null:
                return (Cut(first, room), null);
            case TruncationStrategy.LongestFirst:
                int shorter = Math.Min(first.Count, second.Count);
                int longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
                if (shorter + longer > room)
                {
                    shorter = room / 2;
                    longer = shorter + (room % 2);
                }

                bool firstIsLonger = first.Count > second.Count;
                return (Cut(first, firstIsLonger ? longer : shorter), Cut(second, firstIsLonger ? shorter : longer));
            case TruncationStrategy.OnlyFirst:
                return (CutBy(first, excess), second);
            default:
                return (first, CutBy(second ?? throw new EncodingException("the second text is to be truncated, but there is none"), excess));
        }
    }

    private EncodedText CutBy(EncodedText text, int excess) =>
        text.Count > excess ? Cut(text, text.Count - excess) : throw new EncodingException($"a text of {text.Count} tokens cannot give way by {excess}");

    private EncodedText Cut(EncodedText text, int length)
    {
        if (length >= text.Count)
        {
            return text;
        }

        EncodedText cut;
        if (length == 0)
        {
            cut = new EncodedText([]);
            cut.AddOverflowing([text]);
            return cut;
        }

        if (Stride >= length)
        {
            throw new EncodingException($"pieces of {length} tokens cannot share {Stride}");
        }

        List<EncodedText> pieces = [];
        int step = length - Stride;
        if (Left)
        {
            for (int end = text.Count; end > 0; end -= step)
            {
                int start = Math.Max(0, end - length);
                pieces.Add(new EncodedText([.. text.Units.Skip(start).Take(end - start)]));
                if (start == 0)
                {
                    break;
                }
            }
        }
        else
        {
            for (int start = 0; start < text.Count; start += step)
            {
                int end = Math.Min(start + length, text.Count);
                pieces.Add(new EncodedText([.. text.Units.Skip(start).Take(end - start)]));
                if (end == text.Count)
                {
                    break;
                }
            }
        }

        cut = pieces[0];
        cut.AddOverflowing(pieces.Skip(1));
        return cut;
    }
}

/// <summary>Which text of a pair gives way.</summary>
internal enum TruncationStrategy
{
    /// <summary>The longer one down to the length of the other, then both alike.</summary>
    LongestFirst,

    /// <summary>Only the first.</summary>
    OnlyFirst,

    /// <summary>Only the second.</summary>
    OnlySecond,
}
