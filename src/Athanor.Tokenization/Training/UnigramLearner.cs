namespace Athanor.Tokenization.Training;

/// <summary>
/// Expectation, maximization and pruning of a unigram model. Words are worked on in a fixed number of lanes whose sums are added in order, so the result
/// does not depend on the number of threads.
/// </summary>
internal sealed class UnigramLearner
{
    /// <summary>How much rarer than the rarest piece an unknown character is, as a logarithm.</summary>
    public const double UnknownPenalty = 10;

    private const int Lanes = 8;
    private const double LeastExpectation = 0.5;

    private readonly WordList _words;
    private readonly UnigramRules _rules;
    private readonly int _threads;
    private readonly CancellationToken _cancellation;

    private UnigramLearner(WordList words, UnigramRules rules, int threads, CancellationToken cancellation)
    {
        _words = words;
        _rules = rules;
        _threads = threads;
        _cancellation = cancellation;
    }

    /// <summary>Learns scores and prunes until no more than the wanted number of pieces is left; goes on from a checkpoint where there is one.</summary>
    /// <param name="words">What to learn from.</param>
    /// <param name="findSeeds">Gives the first pieces with their scores, where there is no checkpoint.</param>
    /// <param name="rules">How.</param>
    /// <param name="resources">Threads, checkpoint, progress.</param>
    /// <param name="cancellation">Stops; the pieces after the last round stay in the checkpoint folder.</param>
    public static PieceList Learn(WordList words, Func<PieceList> findSeeds, UnigramRules rules, TrainingResources resources, CancellationToken cancellation)
    {
        UnigramCheckpoint checkpoint = new(resources);
        (PieceList pieces, int round) = checkpoint.Load() ?? (findSeeds(), 0);
        UnigramLearner learner = new(words, rules, resources.Threads, cancellation);
        try
        {
            for (; ; round++)
            {
                // A round is one maximization; the last of a group is followed by a pruning
                PieceList current = pieces;
                if (round > 0 && round % rules.SubIterations == 0)
                {
                    if (pieces.Count <= rules.WantedSize)
                    {
                        return pieces;
                    }

                    current = learner.Prune(pieces);
                }

                pieces = learner.Maximize(current, learner.Expect(current));
                checkpoint.Save(pieces, round + 1, now: false);
                resources.Progress?.Invoke("learning pieces", round + 1, pieces.Count);
            }
        }
        catch (OperationCanceledException) when (round > 0)
        {
            checkpoint.Save(pieces, round, now: true);
            throw;
        }
    }

    /// <summary>The lowest score of a piece.</summary>
    public static double LowestScore(PieceList pieces, int from)
    {
        double lowest = double.PositiveInfinity;
        foreach (double score in pieces.Scores[from..])
        {
            lowest = Math.Min(lowest, score);
        }

        return lowest;
    }

    private static double Digamma(double x)
    {
        double result = 0;
        for (; x < 7; x++)
        {
            result -= 1 / x;
        }

        // Asymptotic series of the digamma function around x - 1/2
        x -= 0.5;
        double square = 1 / (x * x);
        double fourth = square * square;
        return result + Math.Log(x) + (square / 24) - (7.0 / 960 * fourth) + (31.0 / 8064 * fourth * square) - (127.0 / 30720 * fourth * fourth);
    }

    private (PrefixTrie Trie, double[] Scores, double[] Probabilities, double Unknown) Open(PieceList pieces)
    {
        double[] scores = pieces.Scores.ToArray();
        return (new PrefixTrie(pieces, _rules.Reserved), scores, Array.ConvertAll(scores, Math.Exp), LowestScore(pieces, _rules.Reserved) - UnknownPenalty);
    }

    private void InLanes(PieceList pieces, Action<UnigramLattice, int, long, long> work)
    {
        (PrefixTrie trie, double[] scores, double[] probabilities, double unknown) = Open(pieces);
        ParallelOptions options = new() { MaxDegreeOfParallelism = _threads, CancellationToken = _cancellation };
        Parallel.For(0, Lanes, options, lane => work(
            new UnigramLattice(trie, scores, probabilities, unknown), lane, _words.Count * lane / Lanes, _words.Count * (lane + 1) / Lanes));
    }

    private double[] Expect(PieceList pieces)
    {
        double[][] lanes = new double[Lanes][];
        InLanes(pieces, (lattice, lane, from, to) =>
        {
            double[] expected = lanes[lane] = new double[pieces.Count];
            for (long word = from; word < to; word++)
            {
                if ((word & 0xFFF) == 0)
                {
                    _cancellation.ThrowIfCancellationRequested();
                }

                lattice.Set(_words[word]);
                lattice.AddExpectations(_words.CountOf(word), expected);
            }
        });
        return Sum(lanes);
    }

    private static double[] Sum(double[][] lanes)
    {
        double[] total = lanes[0];
        foreach (double[] lane in lanes.AsSpan(1))
        {
            for (int index = 0; index < total.Length; index++)
            {
                total[index] += lane[index];
            }
        }

        return total;
    }

    /// <summary>Maximization under a sparse Dirichlet prior (Liang and Klein 2007, tutorial at ACL): digamma instead of logarithm.</summary>
    private PieceList Maximize(PieceList pieces, double[] expected)
    {
        double sum = 0;
        for (int index = _rules.Reserved; index < expected.Length; index++)
        {
            sum += expected[index] < LeastExpectation ? 0 : expected[index];
        }

        double logSum = Digamma(sum);
        PieceList next = new();
        for (int index = 0; index < expected.Length; index++)
        {
            if (index < _rules.Reserved)
            {
                next.Add(pieces[index], 0);
            }
            else if (expected[index] >= LeastExpectation)
            {
                next.Add(pieces[index], Digamma(expected[index]) - logSum);
            }
        }

        return next;
    }

    /// <summary>Leaves out the pieces whose loss costs least: each occurrence would become the second best way of cutting the piece.</summary>
    private PieceList Prune(PieceList pieces)
    {
        double[][] lanes = new double[Lanes][];
        double[] words = new double[Lanes];
        InLanes(pieces, (lattice, lane, from, to) =>
        {
            double[] uses = lanes[lane] = new double[pieces.Count];
            List<int> path = [];
            for (long word = from; word < to; word++)
            {
                if ((word & 0xFFF) == 0)
                {
                    _cancellation.ThrowIfCancellationRequested();
                }

                long count = _words.CountOf(word);
                words[lane] += count;
                lattice.Set(_words[word]);
                lattice.Best(path);
                foreach (int piece in path)
                {
                    uses[piece] += count;
                }
            }
        });

        double[] frequency = Sum(lanes);
        double sum = frequency.Sum();
        double logSum = Math.Log(sum);
        double allWords = words.Sum();
        (PrefixTrie trie, double[] scores, double[] probabilities, double unknown) = Open(pieces);
        UnigramLattice lattice = new(trie, scores, probabilities, unknown);
        PieceList next = new();
        List<(int Piece, double Loss)> candidates = [];
        List<int> best = [];
        List<int> alternative = [];
        for (int piece = 0; piece < pieces.Count; piece++)
        {
            if (piece < _rules.Reserved)
            {
                next.Add(pieces[piece], 0);
                continue;
            }

            lattice.Set(pieces[piece]);
            lattice.Best(best);
            double second = lattice.Best(alternative, whole: false);
            bool whole = best.Count == 1;
            if (!whole || double.IsNegativeInfinity(second))
            {
                alternative.Clear();
            }

            if (_rules.Drops(frequency[piece], whole))
            {
                continue;
            }

            if (alternative.Count == 0)
            {
                next.Add(pieces[piece], scores[piece]);
                continue;
            }

            if (frequency[piece] == 0)
            {
                continue;
            }

            double logAlternative = Math.Log(sum + (frequency[piece] * ((_rules.CountsAllPieces ? pieces.Count : alternative.Count) - 1)));
            double alternativeScore = 0;
            foreach (int part in alternative)
            {
                alternativeScore += Math.Log(frequency[part] + frequency[piece]) - logAlternative;
            }

            double loss = frequency[piece] / allWords * (Math.Log(frequency[piece]) - logSum - alternativeScore);
            candidates.Add((piece, loss));
        }

        int kept = Math.Max(_rules.WantedSize, (int)(_rules.ShrinkingFactor * pieces.Count));
        foreach ((int piece, _) in candidates.OrderByDescending(candidate => candidate.Loss).ThenBy(candidate => candidate.Piece))
        {
            if (next.Count >= kept)
            {
                break;
            }

            next.Add(pieces[piece], scores[piece]);
        }

        return next;
    }
}

/// <summary>Where the two well-known unigram trainers differ.</summary>
/// <param name="WantedSize">Pruning stops at this many pieces.</param>
/// <param name="SubIterations">Rounds between two prunings.</param>
/// <param name="ShrinkingFactor">The share a pruning keeps.</param>
/// <param name="SentencePiece">SentencePiece's rules (0.1.97); otherwise those of Hugging Face tokenizers.</param>
internal sealed record UnigramRules(int WantedSize, int SubIterations, double ShrinkingFactor, bool SentencePiece)
{
    /// <summary>Hugging Face's trainer keeps piece 0 for unknown characters; SentencePiece's credits them to the first piece.</summary>
    public int Reserved => SentencePiece ? 0 : 1;

    /// <summary>SentencePiece up to 0.1.97 takes the number of all pieces where that of the alternative's is meant; its vocabularies are made so.</summary>
    public bool CountsAllPieces => SentencePiece;

    /// <summary>Whether a piece is left out without asking what it costs.</summary>
    public bool Drops(double frequency, bool whole) => SentencePiece ? frequency == 0 || !whole : frequency == 0 && !whole;
}
