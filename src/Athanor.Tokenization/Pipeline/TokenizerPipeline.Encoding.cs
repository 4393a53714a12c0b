using System.Runtime.InteropServices;
using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Normalizers;

namespace Athanor.Tokenization.Pipeline;

/// <content>From text to ids.</content>
internal sealed partial record TokenizerPipeline
{
    /// <summary>Appends the ids of a text: no special tokens are added, nothing is truncated or padded.</summary>
    /// <param name="text">The text.</param>
    /// <param name="withSpecial">Whether special tokens are recognised; otherwise they are text like any other.</param>
    /// <param name="ids">Where the ids go.</param>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public void EncodeIds(ReadOnlySpan<char> text, bool withSpecial, List<int> ids)
    {
        if (FastEncoder is null || (Normalizer is not null && Added.LooksInNormalizedText(withSpecial)))
        {
            foreach (EncodedUnit unit in Tokenize(text.ToString(), withSpecial).Units)
            {
                ids.Add(unit.Id);
            }
        }
        else if (!Added.OccursIn(text, withSpecial))
        {
            if (!text.IsEmpty)
            {
                FastEncoder.Encode(text, atStart: true, ids);
            }
        }
        else
        {
            foreach (TextPart part in Added.Extract(NormalizedText.From(text.ToString()), null, withSpecial).Parts)
            {
                if (part.TokenId >= 0)
                {
                    ids.Add(part.TokenId);
                }
                else
                {
                    FastEncoder.Encode(part.Text.Span, part.Text.Original.Start == 0, ids);
                }
            }
        }
    }

    /// <summary>Encodes a text or a pair: added tokens are recognised, special tokens added, then truncation and padding.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones, or the texts cannot be truncated to the length.</exception>
    public EncodedText Encode(string text, string? pair, bool addSpecialTokens)
    {
        EncodedText encoding = Tokenize(text, withSpecial: true, 0, Truncation);
        EncodedText? second = pair is null ? null : Tokenize(pair, withSpecial: true, 1, Truncation);
        if (Truncation is not null)
        {
            int added = addSpecialTokens ? PostProcessor?.AddedTokenCount(second is not null) ?? 0 : 0;
            (encoding, second) = Truncation.Apply(encoding, second, added);
        }

        EncodedText result = PostProcess(encoding, second, addSpecialTokens);
        Padding?.Apply([result]);
        return result;
    }

    /// <summary>Encodes many texts on all cores; the results are in order and padded to the longest.</summary>
    public EncodedText[] EncodeBatch(IReadOnlyList<string> texts, bool addSpecialTokens, CancellationToken cancellation)
    {
        EncodedText[] encodings = new EncodedText[texts.Count];
        Parallel.For(0, texts.Count, new ParallelOptions { CancellationToken = cancellation }, index => encodings[index] = Encode(texts[index], null, addSpecialTokens));
        Padding?.Apply(encodings);
        return encodings;
    }

    /// <summary>Encodes a text in one of its ways, drawn at random (<see cref="ISamplingModel.Sample"/>); added tokens are recognised, nothing is added.</summary>
    /// <exception cref="NotSupportedException">The model knows one way only.</exception>
    public void Sample(string text, double alpha, RandomStream random, List<int> ids)
    {
        ISamplingModel model = Model as ISamplingModel ?? throw new NotSupportedException("this model writes a text in one way only");
        List<Piece> pieces = [];
        foreach (TextPart part in Words(NormalizedText.From(text), withSpecial: true).Parts)
        {
            if (part.TokenId >= 0)
            {
                ids.Add(part.TokenId);
                continue;
            }

            pieces.Clear();
            model.Sample(part.Text.Span, alpha, random, pieces);
            ids.AddRange(pieces.Select(piece => piece.Id));
        }
    }

    /// <summary>The words of a text, as the model would see them, and the added tokens between them.</summary>
    public PreTokenizedText Words(NormalizedText text, bool withSpecial)
    {
        PreTokenizedText words = Added.Extract(text, Normalizer, withSpecial);
        PreTokenizer?.PreTokenize(words);
        return words;
    }

    private EncodedText PostProcess(EncodedText encoding, EncodedText? second, bool addSpecialTokens)
    {
        if (PostProcessor is null)
        {
            if (second is null)
            {
                return encoding;
            }

            encoding.SetSequence(0);
            second.SetSequence(1);
            return EncodedText.Join([encoding, second]);
        }

        EncodedText[] encodings = second is null ? [encoding] : [encoding, second];
        for (int sequence = 0; sequence < encodings.Length; sequence++)
        {
            int type = sequence;
            encodings[sequence].SetSequence(sequence);
            encodings[sequence].Change(unit => unit with { TypeId = type });
            foreach (EncodedText piece in encodings[sequence].Overflowing)
            {
                piece.SetSequence(sequence);
            }
        }

        return EncodedText.Join(PostProcessor.Process(encodings, addSpecialTokens));
    }

    /// <summary>The tokens of a text with their places; nothing is added, truncated or padded.</summary>
    public EncodedText Tokenize(string text, bool withSpecial) => Tokenize(text, withSpecial, 0, null);

    private EncodedText Tokenize(string text, bool withSpecial, int typeId, Truncation? truncation)
    {
        NormalizedText whole = NormalizedText.From(text);
        IReadOnlyList<TextPart> words = Words(whole, withSpecial).Parts;
        (int first, int end) = (0, words.Count);
        List<Piece> pieces = [];
        List<(int Word, Piece Piece)> tokens = [];

        // Hugging Face stops at the word that fills the length and forgets the words beyond it: what overflows ends there, and words are counted from the first that is kept
        int most = truncation is not null && (truncation.Strategy != TruncationStrategy.OnlySecond || typeId != 0) ? truncation.MaxLength : int.MaxValue;
        bool backward = most != int.MaxValue && truncation!.Left;
        for (int step = 0; step < words.Count; step++)
        {
            int word = backward ? words.Count - 1 - step : step;
            TextPart part = words[word];
            pieces.Clear();
            if (part.TokenId >= 0)
            {
                // The token's own text stands for it, whatever of the text it took along
                pieces.Add(new Piece(part.TokenId, 0, Encoding.UTF8.GetByteCount(part.Text.Span), part.Text.ToString()));
            }
            else
            {
                Model.Tokenize(part.Text.Span, pieces);
            }

            int before = tokens.Count;
            foreach (Piece piece in pieces)
            {
                tokens.Add((word, piece));
            }

            if (backward)
            {
                tokens.Reverse(before, tokens.Count - before);
            }

            if (tokens.Count >= most && part.TokenId < 0)
            {
                (first, end) = backward ? (word, end) : (first, word + 1);
                break;
            }
        }

        if (backward)
        {
            tokens.Reverse();
        }

        OriginalText original = new(whole.ToString());
        List<EncodedUnit> units = new(tokens.Count);
        WordPlaces places = new();
        int current = -1;
        foreach ((int word, Piece piece) in CollectionsMarshal.AsSpan(tokens))
        {
            NormalizedText part = words[word].Text;
            if (word != current)
            {
                places.Open(part);
                current = word;
            }

            (Offsets inUnits, Offsets inCodePoints) = places.Locate(piece, original);
            units.Add(new EncodedUnit(piece.Id, piece.Token ?? Model.TokenOf(piece.Id) ?? "", inUnits, inCodePoints, word - first, typeId));
        }

        return new EncodedText(units);
    }

    /// <summary>Where the pieces of a word stand in the original text.</summary>
    private sealed class WordPlaces
    {
        private NormalizedText? _word;

        // For each byte of the word the UTF-16 unit its character begins at; null: they are the same
        private int[]? _unitOfByte;
        private int _byteCount;

        public void Open(NormalizedText word)
        {
            _word = word;
            _unitOfByte = null;
            _byteCount = word.Length;
            if (Ascii.IsValid(word.Span))
            {
                return;
            }

            _byteCount = Encoding.UTF8.GetByteCount(word.Span);
            _unitOfByte = new int[_byteCount];
            int at = 0;
            int unit = 0;
            foreach (Rune rune in word.Span.EnumerateRunes())
            {
                Array.Fill(_unitOfByte, unit, at, rune.Utf8SequenceLength);
                at += rune.Utf8SequenceLength;
                unit += rune.Utf16SequenceLength;
            }
        }

        public (Offsets Units, Offsets CodePoints) Locate(Piece piece, OriginalText original)
        {
            if (piece.Start < piece.End && piece.End <= _byteCount)
            {
                int first = _unitOfByte?[piece.Start] ?? piece.Start;
                int last = _unitOfByte?[piece.End - 1] ?? (piece.End - 1);
                Offsets units = new(_word!.OriginOf(first).Start, _word.OriginOf(last).End);
                return (units, original.CodePoints(units));
            }

            // No bytes of the word: Hugging Face then takes the numbers themselves, those of an empty range counted from where the word began
            int shift = piece.Start == piece.End ? original.BytesBefore(_word!.Original.Start) : 0;
            Offsets codePoints = original.CodePointsOfBytes(shift + piece.Start, shift + piece.End);
            return (original.Units(codePoints), codePoints);
        }
    }
}
