using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// A SentencePiece model (Kudo and Richardson 2018) with everything its library does: pieces with their places, the n best segmentations, segmentations drawn at random,
/// decoding of ids and of pieces. Immutable and safe for use by many threads. To be used as any other tokenizer, load its file with <see cref="Tokenizer.Load"/>.
/// </summary>
public sealed class SentencePieceModel
{
    /// <summary>The library's limit of an n-best list.</summary>
    public const int MostBest = 1024;

    private const string DefaultUnknownSurface = " \u2047 ";

    private readonly PieceTable _pieces;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly SentencePieceNormalizer? _denormalizer;
    private readonly byte[] _unknownSurface;

    [ThreadStatic]
    private static Scratch? _scratch;

    /// <summary>Makes a model ready for use.</summary>
    /// <param name="file">What stands in its file.</param>
    /// <param name="name">Its name, for faults.</param>
    /// <exception cref="AthanorException">Its pieces contradict each other, or its normalization map is malformed.</exception>
    public SentencePieceModel(SentencePieceFile file, string name = "the model")
    {
        ArgumentNullException.ThrowIfNull(file);
        File = file;
        _pieces = new PieceTable(file, name);
        _normalizer = new SentencePieceNormalizer(file.Normalizer, _pieces.UserDefined, file.Trainer.TreatWhitespaceAsSuffix);
        _denormalizer = file.Denormalizer is { PrecompiledMap.IsEmpty: false } ? new SentencePieceNormalizer(file.Denormalizer, null, whitespaceAsSuffix: false) : null;
        _unknownSurface = Encoding.UTF8.GetBytes(file.Trainer.UnknownSurface ?? DefaultUnknownSurface);
        Segmenter = file.Trainer.ModelType switch
        {
            ModelType.Unigram when file.Pieces.Any(piece => piece.Type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused) => new UnigramPieces(_pieces),
            ModelType.Unigram => throw new AthanorException($"{name}: there are no pieces of text in it", "copy or download the file again, or train the model anew"),
            ModelType.BytePairs => new BytePairSegmenter(_pieces),
            ModelType.Words => new WordPieces(_pieces),
            _ => new CharacterPieces(_pieces),
        };
    }

    /// <summary>What stands in the model's file.</summary>
    public SentencePieceFile File { get; }

    /// <summary>How many pieces there are; ids are below it.</summary>
    public int Count => _pieces.Count;

    /// <summary>The id of the unknown piece.</summary>
    public int UnknownId => _pieces.UnknownId;

    /// <summary>The id of the piece before a text, or −1.</summary>
    public int BeginningId => ControlId(File.Trainer.BeginningPiece);

    /// <summary>The id of the piece after a text, or −1.</summary>
    public int EndId => ControlId(File.Trainer.EndPiece);

    /// <summary>The id of padding, or −1.</summary>
    public int PaddingId => ControlId(File.Trainer.PaddingPiece);

    /// <summary>Cuts rewritten text into pieces.</summary>
    internal ISegmenter Segmenter { get; }

    /// <summary>Rewrites text.</summary>
    internal SentencePieceNormalizer Normalizer => _normalizer;

    /// <summary>The pieces by id and text.</summary>
    internal PieceTable Pieces => _pieces;

    /// <summary>Opens a <c>.model</c> file.</summary>
    /// <exception cref="AthanorException">It cannot be read, or is no SentencePiece model, or contradicts itself.</exception>
    public static SentencePieceModel Open(string path) => new(SentencePieceFile.Open(path), path);

    /// <summary>The id of a piece; the unknown piece's where there is none.</summary>
    public int IdOf(string piece) => _pieces.Find(Encoding.UTF8.GetBytes(piece));

    /// <summary>A text as it is before it is cut.</summary>
    public string Normalize(string text)
    {
        Utf8Text normalized = new();
        _normalizer.Normalize(Encoding.UTF8.GetBytes(text), normalized, withOrigins: false);
        return Encoding.UTF8.GetString(normalized.Bytes);
    }

    /// <summary>The ids of a text. Unpaired surrogates count as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addBeginning">Whether <see cref="BeginningId"/> stands first; −1, as in the library, where the model has none.</param>
    /// <param name="addEnd">Whether <see cref="EndId"/> stands last; −1 where the model has none.</param>
    /// <param name="reverse">Whether the pieces of the text stand in reverse order.</param>
    public int[] Encode(string text, bool addBeginning = false, bool addEnd = false, bool reverse = false)
    {
        List<int> ids = [.. EncodePieces(text).Select(piece => piece.Id)];
        if (reverse)
        {
            ids.Reverse();
        }

        if (addBeginning)
        {
            ids.Insert(0, BeginningId);
        }

        if (addEnd)
        {
            ids.Add(EndId);
        }

        return [.. ids];
    }

    /// <summary>The pieces of a text with their places.</summary>
    public IReadOnlyList<PlacedPiece> EncodePieces(string text)
    {
        Scratch scratch = Normalized(text, out byte[] input);
        Segmenter.Segment(scratch.Text.Bytes, scratch.Pieces);
        return Place(scratch.Text, scratch.Pieces, input);
    }

    /// <summary>
    /// The sum of the scores of the pieces of a text, in double precision. Of a unigram model it is the logarithm of the segmentation's probability: every unknown character counts the
    /// lowest score of a normal piece less 10, a user-defined piece its length in characters times the highest one (but at least 0), less 0.1.
    /// </summary>
    public double Score(string text)
    {
        Scratch scratch = Normalized(text, out _);
        Segmenter.Segment(scratch.Text.Bytes, scratch.Pieces);
        double sum = 0;
        for (int i = 0, before = 0; i < scratch.Pieces.Count; i++)
        {
            int id = scratch.Pieces.Ids[i];
            int end = scratch.Pieces.Ends[i];
            sum += Segmenter is UnigramPieces unigram ? unigram.ScoreOf(id, scratch.Text.Bytes[before..end]) : _pieces.ScoreOf(id);
            before = end;
        }

        return sum;
    }

    /// <summary>The best segmentations of a text in order, with the sums of their scores.</summary>
    /// <param name="text">The text.</param>
    /// <param name="count">How many at most; <see cref="MostBest"/> is the limit.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="InvalidOperationException">It is no unigram model.</exception>
    public IReadOnlyList<ScoredPieces> EncodeBest(string text, int count, CancellationToken cancellation = default)
    {
        UnigramPieces unigram = Unigram();
        Scratch scratch = Normalized(text, out byte[] input);
        if (scratch.Text.Length == 0)
        {
            return [new ScoredPieces([], 0)];
        }

        Lattice lattice = unigram.LatticeOf(scratch.Text.Bytes);
        return [.. lattice.BestOnes(Math.Clamp(count, 1, MostBest), cancellation).Select(best => new ScoredPieces(Place(scratch.Text, best.Pieces, input), best.Score))];
    }

    /// <summary>
    /// A segmentation drawn at random: of a unigram model with a probability proportional to its own raised to a power (subword regularization, Kudo 2018), of a byte-pair
    /// model with joins left out (BPE-dropout, Provilkov et al. 2020).
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="alpha">Unigram: the power; byte pairs: the probability that a join is left out.</param>
    /// <param name="random">Draws.</param>
    /// <param name="among">Unigram: how many of the best segmentations are drawn from; null: all there are.</param>
    /// <exception cref="InvalidOperationException">It is a model of words or characters.</exception>
    public IReadOnlyList<PlacedPiece> Sample(string text, float alpha, RandomStream random, int? among = null)
    {
        Scratch scratch = Normalized(text, out byte[] input);
        if (scratch.Text.Length == 0)
        {
            return [];
        }

        if (Segmenter is BytePairSegmenter bytePairs)
        {
            bytePairs.Segment(scratch.Text.Bytes, scratch.Pieces, 0, alpha, random);
            return Place(scratch.Text, scratch.Pieces, input);
        }

        Lattice lattice = Unigram().LatticeOf(scratch.Text.Bytes);
        if (among is int count)
        {
            (Segmentation Pieces, float Score)[] best = [.. lattice.BestOnes(Math.Clamp(count, 1, MostBest))];
            double[] shares = [.. best.Select(item => Math.Exp(alpha * (double)(item.Score - best[0].Score)))];
            double drawn = random.NextDouble() * shares.Sum();
            int chosen = 0;
            while (chosen < best.Length - 1 && (drawn -= shares[chosen]) >= 0)
            {
                chosen++;
            }

            return Place(scratch.Text, best[chosen].Pieces, input);
        }

        lattice.Sample(alpha, random, scratch.Pieces);
        return Place(scratch.Text, scratch.Pieces, input);
    }

    /// <summary>The entropy, in nats, of the distribution that <see cref="Sample"/> draws from.</summary>
    /// <exception cref="InvalidOperationException">It is no unigram model.</exception>
    public double Entropy(string text, float alpha)
    {
        UnigramPieces unigram = Unigram();
        Scratch scratch = Normalized(text, out _);
        return scratch.Text.Length == 0 ? 0 : unigram.LatticeOf(scratch.Text.Bytes).Entropy(alpha);
    }

    /// <summary>The text of ids. Control pieces are left out; bytes that are no UTF-8 become U+FFFD one by one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, Count, nameof(ids));
        }

        SentencePieceText text = new(this);
        foreach (int id in ids)
        {
            text.Append(_pieces[id].Bytes);
        }

        return text.Finish();
    }

    /// <summary>The text of pieces; those the model does not have stay as they are.</summary>
    public string Decode(IEnumerable<string> pieces)
    {
        SentencePieceText text = new(this);
        foreach (string piece in pieces)
        {
            text.Append(Encoding.UTF8.GetBytes(piece));
        }

        return text.Finish();
    }

    /// <summary>What a piece that has this id is decoded to when it is the unknown piece.</summary>
    internal ReadOnlySpan<byte> UnknownSurface => _unknownSurface;

    /// <summary>Whether decoded text is rewritten.</summary>
    internal bool HasDenormalizer => _denormalizer is not null;

    /// <summary>Rewrites decoded text by the denormalizer, where there is one.</summary>
    internal string Denormalize(ReadOnlySpan<byte> text)
    {
        if (_denormalizer is null)
        {
            return Encoding.UTF8.GetString(text);
        }

        Utf8Text rewritten = new();
        _denormalizer.Normalize(text, rewritten, withOrigins: false);
        return Encoding.UTF8.GetString(rewritten.Bytes);
    }

    private static Scratch ScratchOf()
    {
        Scratch scratch = _scratch ??= new();
        scratch.Pieces.Clear();
        return scratch;
    }

    private Scratch Normalized(string text, out byte[] input)
    {
        Scratch scratch = ScratchOf();
        input = Encoding.UTF8.GetBytes(text);
        _normalizer.Normalize(input, scratch.Text, withOrigins: true);
        return scratch;
    }

    private UnigramPieces Unigram() =>
        Segmenter as UnigramPieces ?? throw new InvalidOperationException($"a model of {File.Trainer.ModelType} has one segmentation of a text; use a unigram model");

    private int ControlId(string piece) => IdOf(piece) is int id && _pieces.TypeOf(id) == PieceType.Control ? id : -1;

    /// <summary>Pieces as the library hands them out: unknown neighbours joined, or written as bytes; places in the original text.</summary>
    private List<PlacedPiece> Place(Utf8Text text, Segmentation pieces, byte[] input)
    {
        ReadOnlySpan<int> origins = text.Origins;
        List<PlacedPiece> placed = new(pieces.Count);
        TextPlaces places = new(input);
        int at = 0;
        bool afterUnknown = false;
        for (int i = 0, before = 0; i < pieces.Count; i++)
        {
            int id = pieces.Ids[i];
            int length = pieces.Ends[i] - before;
            before = pieces.Ends[i];
            ReadOnlySpan<byte> bytes = text.Bytes.Slice(before - length, length);
            (int Units, int CodePoints) start = places.Of(origins[at]);
            if (_pieces.TypeOf(id) == PieceType.Control)
            {
                // Words and characters that are spelled like a control piece get its id and, in the library, no place: what follows keeps theirs.
                placed.Add(new PlacedPiece(id, Encoding.UTF8.GetString(bytes), new Offsets(start.Units, start.Units), new Offsets(start.CodePoints, start.CodePoints)));
                afterUnknown = false;
                continue;
            }

            (int Units, int CodePoints) end = places.Of(origins[at + length]);
            bool unknown = id == _pieces.UnknownId;
            if (unknown && _pieces.ByteFallback)
            {
                for (int b = 0; b < length; b++)
                {
                    (int Units, int CodePoints) to = b == length - 1 ? end : start;
                    placed.Add(new PlacedPiece(_pieces.IdOfByte(bytes[b]), PieceTable.ByteName(bytes[b]), new Offsets(start.Units, to.Units), new Offsets(start.CodePoints, to.CodePoints)));
                }
            }
            else if (unknown && afterUnknown)
            {
                PlacedPiece last = placed[^1];
                placed[^1] = last with
                {
                    Piece = last.Piece + Encoding.UTF8.GetString(bytes),
                    Offsets = new Offsets(last.Offsets.Start, end.Units),
                    CodePointOffsets = new Offsets(last.CodePointOffsets.Start, end.CodePoints),
                };
            }
            else
            {
                placed.Add(new PlacedPiece(id, Encoding.UTF8.GetString(bytes), new Offsets(start.Units, end.Units), new Offsets(start.CodePoints, end.CodePoints)));
            }

            afterUnknown = unknown;
            at += length;
        }

        return placed;
    }

    private sealed class Scratch
    {
        public Utf8Text Text { get; } = new();

        public Segmentation Pieces { get; } = new();
    }
}
