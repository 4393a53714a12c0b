using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;
using Xunit;

namespace Athanor.Tests.Tokenization.Unigrams;

public sealed class UnigramSegmenterTests
{
    private const string Alphabet = "abcé";

    [Fact]
    public void The_best_segmentation_and_its_lead_are_those_of_all_segmentations_tried()
    {
        for (int index = 0; index < 200; index++)
        {
            RandomStream random = new RandomStreams(11).Open("unigrams", index);
            Dictionary<string, double> vocabulary = Vocabulary(random);
            string[] pieces = [.. vocabulary.Keys];
            double[] scores = [.. vocabulary.Values];
            double unknown = scores.Min() - UnigramSegmenter.UnknownPenalty;
            UnigramSegmenter segmenter = new(new PieceTrie([.. pieces.Select(Encoding.UTF8.GetBytes)]), scores, unknown, pieces.Length, single: false);
            string text = Draw(random, 7);
            double[] all = [.. Scores(text, vocabulary, unknown).OrderDescending()];

            Segmentation found = new();
            double best = segmenter.Segment(Encoding.UTF8.GetBytes(text), 0, found);
            Segmentation again = new();
            double margin = segmenter.Margin(Encoding.UTF8.GetBytes(text), again, out double score);

            Assert.Equal(all[0], best, 9);
            Assert.Equal(all[0], score, 9);
            Assert.Equal(best, found.Ids.ToArray().Sum(segmenter.ScoreOf), 9);
            Assert.Equal(all.Length > 1 ? all[0] - all[1] : double.PositiveInfinity, margin, 9);
            Assert.Equal(Encoding.UTF8.GetByteCount(text), found.Ends[^1]);
        }
    }

    [Fact]
    public void Of_equal_segmentations_the_one_with_the_longer_last_piece_stays()
    {
        UnigramModel model = Model(("<unk>", 0), ("a", -2), ("aa", -4));
        Assert.Equal([1, 2], Ids(model, "aaa"));
    }

    [Fact]
    public void Unknown_neighbours_are_one_piece_or_their_bytes()
    {
        UnigramModel plain = Model(("<unk>", 0), ("a", -1));
        List<Piece> pieces = [];
        plain.Tokenize("aéza", pieces);
        Assert.Equal([new Piece(1, 0, 1), new Piece(0, 1, 4, "éz"), new Piece(1, 4, 5)], pieces);

        UnigramModel bytes = new([new("<unk>", 0), new("a", -1), new("<0xC3>", -9), new("<0xA9>", -9)], 0, byteFallback: true);
        Assert.Equal([1, 2, 3, 1], Ids(bytes, "aéa"));
        Assert.Equal([1, 0, 1], Ids(bytes, "aéza"));
    }

    [Fact]
    public void Without_an_unknown_token_an_unknown_character_is_an_error()
    {
        UnigramModel model = new([new("a", -1)], null, byteFallback: false);
        Assert.Equal([0, 0], Ids(model, "aa"));
        Assert.Throws<EncodingException>(() => Ids(model, "ab"));
        Assert.Throws<AthanorException>(() => new UnigramModel([new("a", -1)], 1, byteFallback: false));
    }

    [Fact]
    public void Segmentations_are_drawn_as_often_as_they_are_probable()
    {
        UnigramModel model = Model(("<unk>", 0), ("a", -1), ("b", -1.5), ("ab", -2), ("ba", -2.2), ("aba", -3));
        Dictionary<string, double> expected = new() { ["1 2 1"] = -3.5, ["3 1"] = -3, ["1 4"] = -3.2, ["5"] = -3 };
        double total = expected.Values.Sum(score => Math.Exp(0.7 * score));
        RandomStream random = new RandomStreams(5).Open("sampling");
        Dictionary<string, int> counts = [];
        const int draws = 20000;
        for (int i = 0; i < draws; i++)
        {
            List<Piece> pieces = [];
            model.Sample("aba", 0.7, random, pieces);
            string ids = string.Join(' ', pieces.Select(piece => piece.Id));
            counts[ids] = counts.GetValueOrDefault(ids) + 1;
        }

        Assert.Equal(expected.Keys.Order(), counts.Keys.Order());
        Assert.All(expected, entry =>
        {
            double share = Math.Exp(0.7 * entry.Value) / total;
            Assert.InRange(counts[entry.Key], (draws * share) - (5 * Math.Sqrt(draws * share)), (draws * share) + (5 * Math.Sqrt(draws * share)));
        });
    }

    [Fact]
    public void The_list_of_the_best_is_all_segmentations_in_order()
    {
        for (int index = 0; index < 60; index++)
        {
            RandomStream random = new RandomStreams(13).Open("best", index);
            Dictionary<string, double> vocabulary = Vocabulary(random);
            string[] pieces = [.. vocabulary.Keys];
            double unknown = vocabulary.Values.Min() - UnigramSegmenter.UnknownPenalty;
            string text = Draw(random, 6);
            PieceTrie trie = new([.. pieces.Select(Encoding.UTF8.GetBytes)]);
            Lattice lattice = new(Encoding.UTF8.GetBytes(text), trie, (id, _) => (float)vocabulary[pieces[id]], pieces.Length, (float)unknown);
            double[] all = [.. Scores(text, vocabulary, unknown).OrderDescending()];
            (Segmentation Pieces, float Score)[] best = [.. lattice.BestOnes(1024)];
            Assert.Equal(all.Length, best.Length);
            Assert.Equal(best.Length, best.Select(item => string.Join(' ', item.Pieces.Ends.ToArray())).Distinct().Count());
            Assert.All(best.Zip(all), pair => Assert.Equal(pair.Second, pair.First.Score, 1e-4));
            double sum = all.Sum(score => Math.Exp(score - all[0]));
            Assert.Equal(all.Sum(score => -Math.Exp(score - all[0]) / sum * (score - all[0] - Math.Log(sum))), lattice.Entropy(1), 1e-4);
        }
    }

    private static UnigramModel Model(params (string Token, double Score)[] vocabulary) =>
        new([.. vocabulary.Select(entry => KeyValuePair.Create(entry.Token, entry.Score))], 0, byteFallback: false);

    private static int[] Ids(UnigramModel model, string word)
    {
        List<Piece> pieces = [];
        model.Tokenize(word, pieces);
        List<int> ids = [];
        model.AppendIds(Encoding.UTF8.GetBytes(word), ids);
        Assert.Equal(ids, pieces.Select(piece => piece.Id));
        return [.. ids];
    }

    private static string Draw(RandomStream random, int most) => string.Concat(Enumerable.Range(0, 1 + random.NextInt32(most)).Select(_ => Alphabet[random.NextInt32(Alphabet.Length)]));

    private static Dictionary<string, double> Vocabulary(RandomStream random)
    {
        Dictionary<string, double> vocabulary = [];
        for (int i = 0; i < 12; i++)
        {
            vocabulary[Draw(random, 3)] = -1 - (8 * random.NextDouble());
        }

        return vocabulary;
    }

    private static IEnumerable<double> Scores(string text, Dictionary<string, double> vocabulary, double unknown)
    {
        if (text.Length == 0)
        {
            yield return 0;
        }

        for (int length = 1; length <= text.Length; length++)
        {
            double? score = vocabulary.TryGetValue(text[..length], out double known) ? known : length == 1 ? unknown : null;
            foreach (double rest in score is null ? [] : Scores(text[length..], vocabulary, unknown))
            {
                yield return score!.Value + rest;
            }
        }
    }
}
