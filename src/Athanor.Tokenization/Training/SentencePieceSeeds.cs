namespace Athanor.Tokenization.Training;

/// <summary>The pieces that a SentencePiece unigram model starts from: all kept characters, then the allowed substrings that cover most of the text.</summary>
internal sealed class SentencePieceSeeds(PieceRules rules, Dictionary<int, long> required, int most, int threads)
{
    /// <summary>Finds them.</summary>
    /// <param name="units">Sentences, or where there are too many of them words.</param>
    /// <param name="isSentences">Whether they are sentences. The end of a word alone then lets a string be a piece, as what follows it is not known.</param>
    /// <param name="cancellation">Stops.</param>
    public PieceList Find(WordList units, bool isSentences, CancellationToken cancellation)
    {
        SeedSample sample = new(units);
        Dictionary<int, long> characters = [];
        List<int> text = [];
        List<long> counts = [];
        List<int> starts = [];
        for (long unit = 0; unit < units.Count; unit++)
        {
            bool sampled = sample.Holds(unit);
            if (sampled)
            {
                starts.Add(text.Count);
                counts.Add(units.CountOf(unit));
            }

            foreach (int character in new CodePoints(units[unit]))
            {
                int kept = required.ContainsKey(character) ? character : PieceRules.Unknown;
                if (sampled)
                {
                    text.Add(kept);
                }

                if (kept != PieceRules.Unknown)
                {
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(characters, kept, out _) += units.CountOf(unit);
                }
            }

            if (sampled)
            {
                text.Add(FrequentSubstrings.Boundary);
            }
        }

        int[] flat = [.. text];
        text.Clear();
        List<Substring> substrings = FrequentSubstrings.Find(flat, rules.Longest, threads, cancellation, new SubstringWeights([.. starts], [.. counts], EndsCount: !isSentences));
        PieceList seeds = new();
        double sum = 0;
        foreach ((int character, long count) in characters.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key))
        {
            seeds.Add([character], count);
            sum += count;
        }

        foreach (Substring substring in substrings.Where(substring => rules.Allow(flat.AsSpan(substring.Start, substring.Length))).OrderByDescending(substring => substring.Coverage))
        {
            if (seeds.Count >= most)
            {
                break;
            }

            seeds.Add(flat.AsSpan(substring.Start, substring.Length), substring.Coverage);
            sum += substring.Coverage;
        }

        double logSum = Math.Log(sum);
        foreach (ref double score in seeds.Scores)
        {
            score = Math.Log(score) - logSum;
        }

        return seeds;
    }
}
