using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// The ids of a text under a SentencePiece model. Where no piece crosses the border of words, words are segmented one by one and remembered. A unigram model in single precision rounds
/// sums that grow along the text, so a remembered word counts only where its best segmentation is so much better than the next one that no rounding could change the choice.
/// </summary>
internal sealed class SentencePieceEncoder : IFastEncoder
{
    /// <summary>A sum of several roundings to single precision, each half of the last place off; the rest is for the exact sums being in double precision.</summary>
    private const double Rounding = 1.1 / (1 << 24);

    private readonly SentencePieceModel _model;
    private readonly ISegmenter _segmenter;
    private readonly UnigramSegmenter? _unigram;
    private readonly WordCache? _words;
    private readonly double _largestCost;

    [ThreadStatic]
    private static Scratch? _scratch;

    /// <param name="model">The model.</param>
    public SentencePieceEncoder(SentencePieceModel model)
    {
        _model = model;
        _segmenter = model.Segmenter;
        _unigram = (_segmenter as UnigramPieces)?.Segmenter;
        bool remembers = _segmenter.Cuts is not null;
        if (_segmenter is UnigramPieces unigram)
        {
            // The bound on roundings below takes sums that only fall.
            _largestCost = -unigram.UnknownScore;
            for (int id = 0; id < model.Count; id++)
            {
                if (model.Pieces.TypeOf(id) is PieceType.Normal or PieceType.UserDefined)
                {
                    double score = unigram.Segmenter.ScoreOf(id);
                    remembers &= score <= 0;
                    _largestCost = Math.Max(_largestCost, -score);
                }
            }
        }

        _words = remembers ? new WordCache() : null;
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Scratch scratch = _scratch ??= new();
        _model.Normalizer.Normalize(buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)), scratch.Text, withOrigins: false);
        ArrayPool<byte>.Shared.Return(buffer);
        ReadOnlySpan<byte> rest = scratch.Text.Bytes;
        Sink sink = new(ids, (rest.Length / 3) + 16);
        if (_words is null)
        {
            scratch.Pieces.Clear();
            _segmenter.Segment(rest, scratch.Pieces);
            Emit(rest, scratch.Pieces, ref sink);
        }
        else
        {
            EncodeWords(rest, scratch, ref sink);
        }

        sink.Finish();
        scratch.Text.Trim();
    }

    private void EncodeWords(ReadOnlySpan<byte> text, Scratch scratch, ref Sink sink)
    {
        WordCache words = _words!;
        WordCuts cuts = _segmenter.Cuts!;
        Sum sum = new(this, sink.Count);
        int wordEnd = 0;
        for (int at = 0; at < text.Length;)
        {
            if (at == wordEnd)
            {
                wordEnd += cuts.WordLength(text[at..]);
            }

            int length = wordEnd - at;
            if (length > WordCache.LongestWord)
            {
                length = cuts.PartLength(text[at..wordEnd]);
            }

            ReadOnlySpan<byte> word = text.Slice(at, length);
            if (length > WordCache.LongestWord)
            {
                Segment(word, ref sum, scratch, ref sink);
                at += length;
                continue;
            }

            Vector256<byte> key = WordCache.Load(text, at, length);
            ulong hash = WordCache.Hash(key, length);
            at += length;
            Span<int> room = sink.Room(WordCache.MostIds);
            int known = words.Get(key, length, hash, ref MemoryMarshal.GetReference(room));

            // The last number is the size of the sum up to which the word's segmentation stands.
            if (known > 0 && (_unigram is null || sum.IsBelow(BitConverter.Int32BitsToSingle(room[known - 1]), ref sink)))
            {
                sink.Take(known - 1);
            }
            else if (known == 0 && sum.IsBelow(Remember(word, key, hash, scratch), ref sink))
            {
                Emit(word, scratch.Pieces, ref sink);
            }
            else
            {
                Segment(word, ref sum, scratch, ref sink);
            }
        }
    }

    /// <summary>Segments a word as it stands, after the sum of what is before it.</summary>
    private void Segment(ReadOnlySpan<byte> word, ref Sum sum, Scratch scratch, ref Sink sink)
    {
        scratch.Pieces.Clear();
        if (_unigram is null)
        {
            _segmenter.Segment(word, scratch.Pieces);
            Emit(word, scratch.Pieces, ref sink);
            return;
        }

        double before = sum.Exact(ref sink);
        double after = _unigram.Segment(word, before, scratch.Pieces);
        Emit(word, scratch.Pieces, ref sink);
        sum.Set(after, sink.Count);
    }

    /// <summary>Segments a word in exact arithmetic and keeps that where it has room.</summary>
    /// <returns>The size of the sum before it up to which this is its segmentation; 0 where it holds unknown characters, whose scores cannot be told from ids.</returns>
    private float Remember(ReadOnlySpan<byte> word, Vector256<byte> key, ulong hash, Scratch scratch)
    {
        Segmentation pieces = scratch.Pieces;
        pieces.Clear();
        float limit = float.PositiveInfinity;
        if (_unigram is null)
        {
            _segmenter.Segment(word, pieces);
        }
        else if (_unigram.Margin(word, pieces, out double score) is double margin and < double.PositiveInfinity)
        {
            // Each of two ways takes at most as many roundings as the word has bytes; their sums are at most as large as what is before them and their own.
            limit = (float)((margin / (2 * (word.Length + 1) * Rounding)) - margin + score);
        }

        bool known = !pieces.Ids.Contains(_model.UnknownId);
        if (limit > 0 && known && pieces.Count < WordCache.MostIds)
        {
            Span<int> entry = stackalloc int[WordCache.MostIds];
            pieces.Ids.CopyTo(entry);
            entry[pieces.Count] = BitConverter.SingleToInt32Bits(limit);
            _words!.Set(key, word.Length, hash, entry[..(pieces.Count + 1)]);
        }

        return known || _unigram is null ? limit : 0;
    }

    private void Emit(ReadOnlySpan<byte> text, Segmentation pieces, ref Sink sink)
    {
        int start = 0;
        for (int i = 0; i < pieces.Count; i++)
        {
            int id = pieces.Ids[i];
            int end = pieces.Ends[i];
            if (id != _model.UnknownId)
            {
                sink.Add(id);
            }
            else if (_model.Pieces.ByteFallback)
            {
                foreach (byte value in text[start..end])
                {
                    sink.Add(_model.Pieces.IdOfByte(value));
                }
            }
            else if (!sink.EndsWith(id))
            {
                sink.Add(id);
            }

            start = end;
        }
    }

    private sealed class Scratch
    {
        public Utf8Text Text { get; } = new();

        public Segmentation Pieces { get; } = new();
    }

    /// <summary>The sum of the scores of the pieces so far, rounded as the library rounds it; taken only as far as it is needed.</summary>
    private struct Sum(SentencePieceEncoder encoder, int from)
    {
        private double _sum;
        private int _until = from;

        /// <summary>Whether the sum is smaller than a limit.</summary>
        public bool IsBelow(float limit, ref Sink sink) =>
            ((sink.Count - _until) * encoder._largestCost) - _sum < limit || (limit > 0 && -Exact(ref sink) < limit);

        /// <summary>The sum of the scores of all ids so far.</summary>
        public double Exact(ref Sink sink)
        {
            if (encoder._unigram is not null)
            {
                foreach (int id in sink.From(_until))
                {
                    _sum = encoder._unigram.Add(_sum, encoder._unigram.ScoreOf(id));
                }
            }

            _until = sink.Count;
            return _sum;
        }

        /// <summary>Says what the sum of all ids so far is.</summary>
        public void Set(double sum, int until)
        {
            _sum = sum;
            _until = until;
        }
    }

    /// <summary>Where ids go: room is made for many at once.</summary>
    private ref struct Sink
    {
        private readonly List<int> _ids;
        private readonly int _first;
        private Span<int> _room;

        public Sink(List<int> ids, int expected)
        {
            _ids = ids;
            _first = ids.Count;
            Count = _first;
            Grow(expected);
        }

        public int Count { get; private set; }

        /// <summary>Room for this many ids.</summary>
        public Span<int> Room(int count)
        {
            if (Count + count > _room.Length)
            {
                Grow(Math.Max(count, (Count - _first) / 2));
            }

            return _room[Count..];
        }

        /// <summary>The ids from an index on.</summary>
        public readonly ReadOnlySpan<int> From(int index) => _room[index..Count];

        public void Add(int id)
        {
            Room(1)[0] = id;
            Count++;
        }

        /// <summary>Takes ids that were written into the room.</summary>
        public void Take(int count) => Count += count;

        /// <summary>Whether the last id of this text is this one.</summary>
        public readonly bool EndsWith(int id) => Count > _first && _room[Count - 1] == id;

        public readonly void Finish() => CollectionsMarshal.SetCount(_ids, Count);

        private void Grow(int count)
        {
            CollectionsMarshal.SetCount(_ids, Count + count);
            _room = CollectionsMarshal.AsSpan(_ids);
        }
    }
}
