using Athanor.Core.Errors;

namespace Athanor.Tokenization.Training;

/// <summary>Learns a unigram model from counted words, as Hugging Face tokenizers' <c>UnigramTrainer</c> does. What is left open there (an order that changes from run to run) is by falling frequency here.</summary>
internal static class UnigramTrainer
{
    private const double Step = 0.0001;

    /// <summary>Trains.</summary>
    /// <param name="words">The counted words.</param>
    /// <param name="options">How.</param>
    /// <param name="resources">Threads, checkpoint, progress.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The pieces by id with their scores.</returns>
    /// <exception cref="AthanorException">There are more characters than the vocabulary has room for.</exception>
    public static IReadOnlyList<(string Piece, double Score)> Learn(
        WordList words, UnigramTrainingOptions options, TrainingResources resources, CancellationToken cancellation)
    {
        List<(int Character, long Count)> required = Characters(words, options);
        if (required.Count > options.VocabularySize)
        {
            throw new AthanorException($"the text has {required.Count:N0} different characters, more than the {options.VocabularySize:N0} pieces asked for", "ask for a larger vocabulary (--vocabulary)");
        }

        UnigramRules rules = new((int)(options.VocabularySize * 11L / 10), options.SubIterations, options.ShrinkingFactor, SentencePiece: false);
        PieceList pieces = UnigramLearner.Learn(words, () => Seeds(words, options, resources.Threads, cancellation), rules, resources, cancellation);
        return Finish(pieces, required, options);
    }

    private static List<(int Character, long Count)> Characters(WordList words, UnigramTrainingOptions options)
    {
        Dictionary<int, long> counts = [];
        for (long word = 0; word < words.Count; word++)
        {
            foreach (int character in new CodePoints(words[word]))
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _) += words.CountOf(word);
            }
        }

        foreach (string character in options.InitialAlphabet)
        {
            counts.TryAdd(char.ConvertToUtf32(character, 0), 0);
        }

        return [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))];
    }

    /// <summary>All characters, then the substrings of the different words that cover most; each word counts once here, as in the original.</summary>
    private static PieceList Seeds(WordList words, UnigramTrainingOptions options, int threads, CancellationToken cancellation)
    {
        Dictionary<int, long> characters = [];
        List<int> text = [];
        SeedSample sample = new(words);
        for (long word = 0; word < words.Count; word++)
        {
            bool sampled = sample.Holds(word);
            foreach (int character in new CodePoints(words[word]))
            {
                if (sampled)
                {
                    text.Add(character);
                }

                if (character != FrequentSubstrings.Boundary)
                {
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(characters, character, out _) += words.CountOf(word);
                }
            }

            if (sampled)
            {
                text.Add(FrequentSubstrings.Boundary);
            }
        }

        int[] flat = [.. text];
        List<Substring> substrings = FrequentSubstrings.Find(flat, options.LongestPiece, threads, cancellation);
        substrings.Sort((first, second) => first.Coverage != second.Coverage
            ? second.Coverage.CompareTo(first.Coverage)
            : flat.AsSpan(second.Start, second.Length).SequenceCompareTo(flat.AsSpan(first.Start, first.Length)));

        PieceList seeds = new();
        seeds.Add("<UNK>"u8, 0);
        double sum = 0;
        foreach ((int character, long count) in characters.OrderByDescending(pair => pair.Value).ThenByDescending(pair => pair.Key))
        {
            seeds.Add([character], count);
            sum += count;
        }

        foreach (Substring substring in substrings)
        {
            if (seeds.Count > options.SeedSize)
            {
                break;
            }

            seeds.Add(flat.AsSpan(substring.Start, substring.Length), substring.Coverage);
            sum += substring.Coverage;
        }

        double logSum = Math.Log(sum);
        foreach (ref double score in seeds.Scores[1..])
        {
            score = Math.Log(score) - logSum;
        }

        return seeds;
    }

    private static List<(string Piece, double Score)> Finish(PieceList pieces, List<(int Character, long Count)> required, UnigramTrainingOptions options)
    {
        Dictionary<string, double> scores = [];
        for (int piece = 1; piece < pieces.Count; piece++)
        {
            scores.Add(pieces.TextOf(piece), pieces.Scores[piece]);
        }

        double lowest = UnigramLearner.LowestScore(pieces, 1);
        List<(string Piece, double Score)> result = [];
        HashSet<string> taken = ["<UNK>"];
        int added = 0;
        foreach ((int character, _) in required)
        {
            string text = char.ConvertFromUtf32(character);
            result.Add((text, scores.TryGetValue(text, out double score) ? score : lowest + (Step * added++)));
            taken.Add(text);
        }

        bool addsUnknown = options.UnknownToken is { } unknown && !options.SpecialTokens.Contains(unknown);
        int room = options.VocabularySize - options.SpecialTokens.Count - (addsUnknown ? 1 : 0);
        for (int piece = 1; piece < pieces.Count && result.Count < room; piece++)
        {
            string text = pieces.TextOf(piece);
            if (taken.Add(text))
            {
                result.Add((text, pieces.Scores[piece]));
            }
        }

        IEnumerable<string> first = addsUnknown ? [options.UnknownToken!, .. options.SpecialTokens] : options.SpecialTokens;
        return [.. first.Select(token => (token, 0.0)), .. result.OrderByDescending(piece => piece.Score)];
    }
}
