using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// The most probable segmentation under a unigram model (Kudo 2018, "Subword Regularization", section 3.2), by the Viterbi algorithm over bytes: for each end the candidates come by
/// rising start, and one replaces another only when it is strictly better. Sums go from left to right, in double precision as in Hugging Face tokenizers, or rounded to single
/// precision at every piece as in SentencePiece.
/// </summary>
internal sealed class UnigramSegmenter
{
    /// <summary>What an unknown character costs beyond the worst piece.</summary>
    public const float UnknownPenalty = 10;

    private readonly PieceTrie _trie;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly bool _single;

    [ThreadStatic]
    private static Node[]? _workspace;

    /// <param name="trie">The pieces that may be used, by id.</param>
    /// <param name="scores">The score of each id.</param>
    /// <param name="unknownScore">The score of a character that is no piece.</param>
    /// <param name="unknownId">The id of a character that is no piece; −1: such a character is an error.</param>
    /// <param name="single">Whether sums are rounded to single precision.</param>
    public UnigramSegmenter(PieceTrie trie, double[] scores, double unknownScore, int unknownId, bool single)
    {
        _trie = trie;
        _scores = scores;
        _unknownScore = unknownScore;
        UnknownId = unknownId;
        _single = single;
    }

    /// <summary>The id of a character that is no piece.</summary>
    public int UnknownId { get; }

    /// <summary>The pieces that may be used.</summary>
    public PieceTrie Trie => _trie;

    /// <summary>The score of each id; a user-defined piece of SentencePiece has one of its own.</summary>
    public double ScoreOf(int id) => id == UnknownId ? _unknownScore : _scores[id];

    /// <summary>A sum and a score more, in the precision of the model.</summary>
    public double Add(double sum, double score) => _single ? (float)(sum + score) : sum + score;

    /// <summary>Appends the pieces of the most probable segmentation.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="start">The sum of the scores before the text.</param>
    /// <param name="result">Where they go; ends are counted from <paramref name="offset"/>.</param>
    /// <param name="offset">Where the text begins.</param>
    /// <returns>The sum of the scores after the text.</returns>
    /// <exception cref="EncodingException">A character is no piece, and there is no id for it.</exception>
    public double Segment(ReadOnlySpan<byte> text, double start, Segmentation result, int offset = 0)
    {
        Node[] workspace = Workspace(text.Length + 1);
        Span<Node> nodes = workspace.AsSpan(0, text.Length + 1);
        nodes.Fill(new Node(0, -1, 0));
        nodes[0].Score = start;
        if (_single)
        {
            Forward<Single>(text, nodes);
        }
        else
        {
            Forward<Double>(text, nodes);
        }

        int first = result.Count;
        for (int end = text.Length; end > 0; end = nodes[end].Start)
        {
            result.Add(nodes[end].Id, offset + end);
        }

        result.ReverseFrom(first);
        double sum = nodes[text.Length].Score;
        if (workspace.Length > 1 << 22)
        {
            _workspace = null;
        }

        return sum;
    }

    /// <summary>How much better the best segmentation is than the next one, in exact arithmetic; infinite where there is only one.</summary>
    /// <param name="text">UTF-8, not empty.</param>
    /// <param name="result">The pieces of the best.</param>
    /// <param name="score">The sum of its scores.</param>
    public double Margin(ReadOnlySpan<byte> text, Segmentation result, out double score)
    {
        Span<Node> nodes = Workspace((text.Length + 1) * 2).AsSpan(0, (text.Length + 1) * 2);
        Span<Node> second = nodes[(text.Length + 1)..];
        nodes.Fill(new Node(double.NegativeInfinity, -1, 0));
        nodes[0].Score = 0;
        for (int from = 0; from < text.Length;)
        {
            int characterLength = CharacterLength(text, from);
            int state = PieceTrie.Root;
            bool single = false;
            for (int at = from; at < text.Length && _trie.TryStep(ref state, text[at], out int piece); at++)
            {
                if (piece >= 0)
                {
                    Offer(nodes, second, from, at + 1, piece, _scores[piece]);
                    single |= at + 1 - from == characterLength;
                }
            }

            if (!single)
            {
                Offer(nodes, second, from, from + characterLength, UnknownId, _unknownScore);
            }

            from += characterLength;
        }

        for (int end = text.Length; end > 0; end = nodes[end].Start)
        {
            result.Add(nodes[end].Id, end);
        }

        result.ReverseFrom(0);
        score = nodes[text.Length].Score;
        return score - second[text.Length].Score;
    }

    /// <summary>How many bytes a character has by its first one, as SentencePiece reads it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CharacterLength(ReadOnlySpan<byte> text, int at)
    {
        byte first = text[at];
        int length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        return Math.Min(length, text.Length - at);
    }

    private static void Offer(Span<Node> nodes, Span<Node> second, int from, int end, int piece, double score)
    {
        double best = nodes[from].Score + score;
        double other = second[from].Score + score;
        if (best > nodes[end].Score)
        {
            second[end].Score = Math.Max(nodes[end].Score, other);
            nodes[end] = new Node(best, from, piece);
        }
        else
        {
            second[end].Score = Math.Max(second[end].Score, best);
        }
    }

    private void Forward<TPrecision>(ReadOnlySpan<byte> text, Span<Node> nodes)
        where TPrecision : struct, IPrecision
    {
        PieceTrie trie = _trie;
        ref double scores = ref MemoryMarshal.GetArrayDataReference(_scores);
        for (int from = 0; from < text.Length;)
        {
            int characterLength = CharacterLength(text, from);
            double before = nodes[from].Score;
            int state = PieceTrie.Root;
            bool single = false;
            for (int at = from; at < text.Length;)
            {
                if (!trie.TryStep(ref state, text[at++], out int piece))
                {
                    break;
                }

                if (piece >= 0)
                {
                    // The sum is compared before it is rounded, which is what SentencePiece does.
                    double candidate = before + Unsafe.Add(ref scores, piece);
                    ref Node node = ref nodes[at];
                    if (node.Start < 0 || candidate > node.Score)
                    {
                        node = new Node(TPrecision.Round(candidate), from, piece);
                    }

                    single |= at - from == characterLength;
                }
            }

            if (!single)
            {
                double candidate = TPrecision.Round(before + _unknownScore);
                ref Node node = ref nodes[from + characterLength];
                if (node.Start < 0 || candidate > node.Score)
                {
                    node = new Node(candidate, from, UnknownId >= 0 ? UnknownId : throw NoUnknown(text.Slice(from, characterLength)));
                }
            }

            from += characterLength;
        }
    }

    private static EncodingException NoUnknown(ReadOnlySpan<byte> character) =>
        new($"\"{System.Text.Encoding.UTF8.GetString(character)}\" is in no piece of the vocabulary, and no token stands for unknown characters");

    private static Node[] Workspace(int length)
    {
        Node[]? nodes = _workspace;
        if (nodes is null || nodes.Length < length)
        {
            nodes = new Node[Math.Max(length, 4096)];
            _workspace = nodes;
        }

        return nodes;
    }

    private record struct Node(double Score, int Start, int Id);

    private interface IPrecision
    {
        static abstract double Round(double value);
    }

    private readonly struct Single : IPrecision
    {
        public static double Round(double value) => (float)value;
    }

    private readonly struct Double : IPrecision
    {
        public static double Round(double value) => value;
    }
}
