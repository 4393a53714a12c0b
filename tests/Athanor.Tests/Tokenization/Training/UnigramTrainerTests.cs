using System.Text;
using Athanor.Core.Errors;
using Athanor.Tokenization.Training;
using Xunit;

namespace Athanor.Tests.Tokenization.Training;

public sealed class UnigramTrainerTests : IDisposable
{
    private static readonly IReadOnlyList<string> Texts = CountedTexts.Make(200, 60, "unigram");
    private static readonly UnigramTrainingOptions Options = new() { VocabularySize = 120 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_result_does_not_depend_on_the_number_of_threads()
    {
        using WordList words = CountedTexts.Count(Texts);
        IReadOnlyList<(string Piece, double Score)> expected = UnigramTrainer.Learn(words, Options, new TrainingResources { Threads = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(120, expected.Count);
        Assert.Equal(expected, UnigramTrainer.Learn(words, Options, new TrainingResources { Threads = 3 }, TestContext.Current.CancellationToken));
        Assert.Equal(expected, UnigramTrainer.Learn(words, Options, new TrainingResources { Threads = 16 }, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_stopped_training_goes_on_with_the_same_numbers(int rounds)
    {
        using WordList words = CountedTexts.Count(Texts);
        IReadOnlyList<(string Piece, double Score)> expected = UnigramTrainer.Learn(words, Options, new TrainingResources { Threads = 1 }, TestContext.Current.CancellationToken);
        using CancellationTokenSource stop = new();
        int seen = 0;
        TrainingResources stopping = new()
        {
            Threads = 1,
            CheckpointFolder = _folder.Path,
            Key = "key",
            Progress = (_, round, _) =>
            {
                seen++;
                if (round == rounds)
                {
                    stop.Cancel();
                }
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => UnigramTrainer.Learn(words, Options, stopping, stop.Token));
        Assert.Equal(rounds, seen);
        long first = 0;
        TrainingResources resuming = stopping with { Threads = 2, Progress = (_, round, _) => first = first == 0 ? round : first };
        Assert.Equal(expected, UnigramTrainer.Learn(words, Options, resuming, TestContext.Current.CancellationToken));
        Assert.Equal(rounds + 1, first);
    }

    [Fact]
    public void A_damaged_checkpoint_is_read_or_refused()
    {
        PieceList pieces = new();
        pieces.Add("<UNK>"u8, 0);
        pieces.Add("ab"u8, -1.5);
        pieces.Add("数"u8, -2.5);
        UnigramCheckpoint checkpoint = new(new TrainingResources { CheckpointFolder = _folder.Path, Key = "key" });
        checkpoint.Save(pieces, 3, now: true);
        Assert.Equal(3, checkpoint.Load()!.Value.Round);
        Assert.Equal("数", checkpoint.Load()!.Value.Pieces.TextOf(2));
        byte[] original = File.ReadAllBytes(_folder["pieces.bin"]);
        foreach (byte[] bytes in Mutation.Of(original, 300, "pieces"))
        {
            File.WriteAllBytes(_folder["pieces.bin"], bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                checkpoint.Load();
            }
            catch (AthanorException)
            {
                // refused
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void More_characters_than_pieces_are_refused()
    {
        using WordList words = CountedTexts.Count(["abcdefghijklmnop"]);
        Assert.Throws<AthanorException>(() => UnigramTrainer.Learn(words, new UnigramTrainingOptions { VocabularySize = 5 }, new TrainingResources(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Expectations_are_those_of_all_segmentations()
    {
        (string Piece, double Score)[] vocabulary = [("", 0), ("a", -1), ("b", -2), ("ab", -2.2), ("ba", -2.5), ("aba", -3)];
        PieceList pieces = new();
        foreach ((string piece, double score) in vocabulary)
        {
            pieces.Add(Encoding.UTF8.GetBytes(piece), score);
        }

        double[] scores = pieces.Scores.ToArray();
        UnigramLattice lattice = new(new PrefixTrie(pieces, 1), scores, Array.ConvertAll(scores, Math.Exp), -20);
        foreach (string word in (string[])["a", "abab", "ababa", "abxab"])
        {
            List<(double Score, List<int> Path)> all = [];
            Segment(word, 0, 0, [], vocabulary, all);
            double total = all.Sum(path => Math.Exp(path.Score));
            double[] expected = new double[vocabulary.Length];
            foreach ((double score, List<int> path) in all)
            {
                path.ForEach(piece => expected[piece] += 3 * Math.Exp(score) / total);
            }

            double[] found = new double[vocabulary.Length];
            lattice.Set(Encoding.UTF8.GetBytes(word));
            Assert.Equal(Math.Log(total), lattice.AddExpectations(3, found), 10);
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 10));
            Assert.Equal(all.Max(path => path.Score), lattice.Best([]), 10);
        }
    }

    [Fact]
    public void Words_too_improbable_for_products_are_summed_as_logarithms()
    {
        PieceList pieces = new();
        pieces.Add(""u8, 0);
        pieces.Add("a"u8, -1);
        pieces.Add("aa"u8, -1.5);
        double[] scores = pieces.Scores.ToArray();
        UnigramLattice lattice = new(new PrefixTrie(pieces, 1), scores, Array.ConvertAll(scores, Math.Exp), -20);
        double[] expected = new double[3];
        lattice.Set(Encoding.UTF8.GetBytes(new string('a', 4000)));
        double score = lattice.AddExpectations(1, expected);

        // The probability of n letters is e^-1 times that of n-1 and e^-1.5 times that of n-2
        double ratio = Math.Exp(-1);
        double logarithm = -1;
        for (int letters = 2; letters <= 4000; letters++)
        {
            ratio = Math.Exp(-1) + (Math.Exp(-1.5) / ratio);
            logarithm += Math.Log(ratio);
        }

        Assert.Equal(logarithm, score, 6);
        Assert.Equal(4000, expected[1] + (2 * expected[2]), 6);
    }

    private static void Segment(string word, int at, double score, List<int> path, (string Piece, double Score)[] vocabulary, List<(double Score, List<int> Path)> all)
    {
        if (at == word.Length)
        {
            all.Add((score, [.. path]));
            return;
        }

        for (int piece = 1; piece < vocabulary.Length; piece++)
        {
            if (string.CompareOrdinal(word, at, vocabulary[piece].Piece, 0, vocabulary[piece].Piece.Length) == 0)
            {
                Segment(word, at + vocabulary[piece].Piece.Length, score + vocabulary[piece].Score, [.. path, piece], vocabulary, all);
            }
        }

        if (word[at] is not ('a' or 'b'))
        {
            Segment(word, at + 1, score - 20, [.. path, 0], vocabulary, all);
        }
    }
}
