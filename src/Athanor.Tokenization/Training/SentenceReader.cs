using System.Collections.Concurrent;
using System.Text;
using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tokenization.Training;

/// <summary>Makes of a line what SentencePiece trains on: normalized text, given pieces cut out of it, and its words.</summary>
internal sealed class SentenceReader
{
    private readonly TrainerSpec _spec;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly ReservedPieces _reserved;
    private readonly bool _whole;
    private readonly bool _suffix;
    private readonly ConcurrentBag<Buffers> _buffers = [];

    /// <param name="spec">How is trained.</param>
    /// <param name="normalizer">How text is rewritten.</param>
    /// <param name="reserved">The given pieces.</param>
    /// <param name="whole">Whether sentences are counted whole instead of their words.</param>
    public SentenceReader(TrainerSpec spec, NormalizerSpec normalizer, ReservedPieces reserved, bool whole)
    {
        _spec = spec;
        _normalizer = new SentencePieceNormalizer(normalizer, null, spec.TreatWhitespaceAsSuffix);
        _reserved = reserved;
        _whole = whole;

        // Whole-word models put white space before words in training, whatever the specification says
        _suffix = spec.TreatWhitespaceAsSuffix && spec.ModelType != ModelType.Words;
    }

    /// <summary>Adds what a line gives to a table. Lines that are too long, or hold the sign for unknown characters, are passed over.</summary>
    public void Add(string line, WordTable words)
    {
        Buffers buffers = _buffers.TryTake(out Buffers? free) ? free : new Buffers();
        Add(line, words, buffers);
        _buffers.Add(buffers);
    }

    /// <summary>Adds the words of a sentence: each begins (as suffix: ends) with white space.</summary>
    public void Split(ReadOnlySpan<byte> sentence, long count, WordTable words)
    {
        ReadOnlySpan<byte> space = SentencePieceNormalizer.SpaceSymbol;
        bool runs = _spec.AllowWhitespaceOnlyPieces && _spec.ModelType != ModelType.Words;
        int start = 0;
        for (int at = 0; at < sentence.Length;)
        {
            bool isSpace = sentence[at..].StartsWith(space);
            int next = at + (isSpace ? space.Length : 1);
            bool ends;
            if (_suffix)
            {
                // After white space, or with runs of it as pieces after the whole run
                ends = isSpace && next < sentence.Length && (!runs || !sentence[next..].StartsWith(space));
            }
            else
            {
                // Before white space, or with runs of it as pieces before the whole run
                ends = next < sentence.Length && sentence[next..].StartsWith(space) && (!runs || !isSpace);
            }

            at = next;
            if (ends)
            {
                words.Add(sentence[start..at], count);
                start = at;
            }
        }

        if (start < sentence.Length)
        {
            words.Add(sentence[start..], count);
        }
    }

    private void Add(string line, WordTable words, Buffers buffers)
    {
        if (buffers.Input.Length < 3 * line.Length)
        {
            buffers.Input = new byte[6 * line.Length];
        }

        int length = Encoding.UTF8.GetBytes(line, buffers.Input);
        ReadOnlySpan<byte> input = buffers.Input.AsSpan(0, length);
        if (length == 0 || length > _spec.MaximumSentenceLength || input.IndexOf("\u2585"u8) >= 0)
        {
            return;
        }

        _normalizer.Normalize(input, buffers.Normalized, withOrigins: false);
        ReadOnlySpan<byte> sentence = TakeOut(buffers.Normalized.Bytes, buffers);
        if (sentence.IsEmpty)
        {
            return;
        }

        if (_whole)
        {
            words.Add(sentence, 1);
        }
        else
        {
            Split(sentence, 1, words);
        }
    }

    private ReadOnlySpan<byte> TakeOut(ReadOnlySpan<byte> text, Buffers buffers)
    {
        if (buffers.Output.Length < text.Length)
        {
            buffers.Output = new byte[2 * text.Length];
        }

        int written = 0;
        for (int at = 0; at < text.Length;)
        {
            int given = _reserved.LengthAt(text[at..]);
            if (given > 0)
            {
                buffers.Output[written++] = PieceRules.Cut;
                at += given;
            }
            else
            {
                buffers.Output[written++] = text[at++];
            }
        }

        return buffers.Output.AsSpan(0, written);
    }

    private sealed class Buffers
    {
        public byte[] Input = new byte[1024];
        public byte[] Output = new byte[1024];

        public Utf8Text Normalized { get; } = new();
    }
}
