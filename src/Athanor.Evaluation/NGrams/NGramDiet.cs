using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Athanor.Evaluation.Harness;

namespace Athanor.Evaluation.NGrams;

/// <summary>
/// What an n-gram model beside a transformer counts. A model of counts trained on all there is is the strongest opponent; one that sees no more than the
/// transformer saw is the fair one, and the fairest also sees the conversations, which are made from the same text.
/// </summary>
/// <param name="Name">The n-gram model's name in the evaluation, after its order.</param>
/// <param name="Tokens">How many tokens of each part it counts.</param>
internal sealed record NGramDiet(string Name, IReadOnlyDictionary<string, long> Tokens)
{
    private const string Conversations = "conversations";

    /// <summary>How many tokens there are in all.</summary>
    public long Total => Tokens.Values.Sum();

    /// <summary>The parts of a tokens artifact that are running text: those without a loss mask.</summary>
    public static IReadOnlyList<string> TextParts(Artifact tokens) => [.. Parts(tokens).Where(part => !tokens.Has(TokensLayout.Mask(CorpusLayout.Train, part) + ".idx"))];

    /// <summary>The diets to compare a model with; without the record of its training only that of all text.</summary>
    public static IReadOnlyList<NGramDiet> For(Artifact tokens, string modelName, Artifact model)
    {
        IReadOnlyList<string> text = TextParts(tokens);
        Dictionary<string, long> all = text.ToDictionary(part => part, part => Count(tokens, part));
        List<NGramDiet> diets = [new NGramDiet("all text", all)];
        IReadOnlyDictionary<string, long> seen = TrainingRecord.TokensByPart(model.Folder);
        Dictionary<string, long> seenText = text.Where(seen.ContainsKey).ToDictionary(part => part, part => Math.Min(seen[part], all[part]));
        if (seenText.Count == 0)
        {
            return diets;
        }

        diets.Add(new NGramDiet($"as much text as {modelName} saw", seenText));
        if (seen.TryGetValue(Conversations, out long conversations) && Parts(tokens).Contains(Conversations))
        {
            Dictionary<string, long> both = new(seenText) { [Conversations] = Math.Min(conversations, Count(tokens, Conversations)) };
            diets.Add(new NGramDiet($"as much text and conversations as {modelName} saw", both));
        }

        return diets;
    }

    /// <summary>The sequences of the diet: whole documents in a random order, the last of each part cut where the count is full.</summary>
    public IEnumerable<ReadOnlyMemory<int>> Read(Artifact tokens, RandomStreams streams)
    {
        foreach ((string part, long count) in Tokens.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using TokenShard shard = TokenShard.Open(tokens.PathOf(TokensLayout.Shard(CorpusLayout.Train, part)));
            int[] order = [.. Enumerable.Range(0, shard.Sequences)];
            streams.Open($"evaluate/ngram/{part}").Shuffle(order.AsSpan());
            long left = count;
            foreach (int sequence in order.TakeWhile(_ => left > 0))
            {
                int[] document = shard.ReadSequence(sequence);
                int taken = (int)Math.Min(left, document.Length);
                left -= taken;
                yield return document.AsMemory(0, taken);
            }
        }
    }

    private static IReadOnlyList<string> Parts(Artifact tokens)
    {
        string home = tokens.PathOf(CorpusLayout.Train);
        return Directory.Exists(home)
            ? [.. Directory.EnumerateFiles(home, "*.idx").Select(file => Path.GetFileNameWithoutExtension(file)).Where(part => !part.EndsWith(".mask", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [];
    }

    private static long Count(Artifact tokens, string part)
    {
        using TokenShard shard = TokenShard.Open(tokens.PathOf(TokensLayout.Shard(CorpusLayout.Train, part)));
        return shard.Tokens;
    }
}
