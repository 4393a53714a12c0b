using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>
/// Choosing an operation from examples: in an episode <c>9 ? 5 =</c> means addition or subtraction throughout, and only earlier turns tell which. Without one
/// nobody can be right more than half of the time. Pairs of numbers are not held out: a pair seen with one operation only would teach that operation.
/// </summary>
internal sealed class OperationGenerator : IProblemGenerator
{
    private const int FewestTurns = 4;
    private const int MostTurns = 9;

    public string Part => "operations";

    public IEnumerable<Document> Documents(string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/operations/{split}/documents");
        for (int index = 0; index < count; index++)
        {
            Episode episode;
            do
            {
                episode = Episode.Draw(random, index % 2 == 0, random.NextInt32(FewestTurns, MostTurns + 1));
            }
            while (CorpusSplit.Of(episode.CanonicalForm) != split);
            yield return new Document
            {
                Id = $"{split}-{index:D6}",
                Messages = [.. episode.Exchanges.SelectMany(exchange => ChainGenerator.Turns(exchange.User, exchange.Assistant))],
                Metadata = new JsonObject { ["operation"] = episode.Operation },
            };
        }
    }

    public IEnumerable<Problem> Problems(string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/operations/{split}/problems");
        for (int index = 0; index < count; index++)
        {
            Episode episode;
            do
            {
                episode = Episode.Draw(random, index % 2 == 0, MostTurns);
            }
            while (CorpusSplit.Of(episode.CanonicalForm) != split);
            Exchange last = episode.Exchanges[^1];
            yield return new Problem
            {
                Id = $"operations-{split}-{index:D4}",
                Task = "operations",
                Messages = [new ChatMessage(ChatMessage.User, last.User)],
                Answer = last.Assistant,
                Examples = [.. episode.Exchanges.Take(MostTurns - 1)],
                Metadata = new JsonObject { ["operation"] = episode.Operation },
            };
        }
    }

    private sealed record Episode(bool Adds, IReadOnlyList<(int A, int B)> Pairs)
    {
        public string Operation => Adds ? "+" : "-";

        public string CanonicalForm => Operation + string.Join(' ', Pairs.Select(pair => pair.A * 10 + pair.B).Order());

        public IReadOnlyList<Exchange> Exchanges
            => [.. Pairs.Select(pair => new Exchange($"{pair.A} ? {pair.B} =", (Adds ? pair.A + pair.B : pair.A - pair.B).ToString(System.Globalization.CultureInfo.InvariantCulture)))];

        public static Episode Draw(RandomStream random, bool adds, int turns)
        {
            List<(int, int)> pairs = [];
            while (pairs.Count < turns)
            {
                int a = random.NextInt32(1, 10);
                int b = random.NextInt32(1, 10);
                (int, int) pair = a >= b ? (a, b) : (b, a);
                // The same question twice would be copying
                if (!pairs.Contains(pair))
                {
                    pairs.Add(pair);
                }
            }

            return new Episode(adds, pairs);
        }
    }
}
