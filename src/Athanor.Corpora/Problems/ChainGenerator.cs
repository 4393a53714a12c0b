using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>
/// Chains of 3 to 6 operations, as many to be worked step by step as to be answered directly; chains of 7 and 8, which nothing trains on, only as problems.
/// </summary>
/// <param name="shuffledSteps">Whether training sees the worked steps in a random order, to show what their order is worth.</param>
internal sealed class ChainGenerator(bool shuffledSteps) : IProblemGenerator
{
    private const int Shortest = 3;
    private const int Longest = 6;

    public string Part => "chains";

    public IEnumerable<Document> Documents(string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/chains/{split}/documents");
        RandomStream? shuffle = shuffledSteps ? streams.Open($"corpus/chains/{split}/steps") : null;
        HashSet<(string, bool)> seen = [];
        for (int index = 0; index < count; index++)
        {
            bool steps = index % 2 == 0;
            int length = Shortest + (index / 2 % (Longest - Shortest + 1));
            Chain chain = Draw(random, split, length, chain => seen.Add((chain.Expression, steps)));
            yield return new Document
            {
                Id = $"{split}-{index:D6}",
                Messages = steps ? Turns(ChainFormat.StepQuestion(chain), ChainFormat.StepAnswer(chain, shuffle)) : Turns(ChainFormat.DirectQuestion(chain), ChainFormat.DirectAnswer(chain)),
                Metadata = new JsonObject { ["length"] = length, ["form"] = steps ? "step" : "direct" },
            };
        }
    }

    public IEnumerable<Problem> Problems(string split, int count, RandomStreams streams)
    {
        foreach (Problem problem in Problems(split, count, "chains", Shortest, Longest, streams))
        {
            yield return problem;
        }

        foreach (Problem problem in Problems(split, count / 2, "chains.long", Longest + 1, Longest + 2, streams))
        {
            yield return problem;
        }
    }

    // Each chain is asked in both forms, so that the two scores are paired
    private static IEnumerable<Problem> Problems(string split, int count, string task, int shortest, int longest, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/{task}/{split}/problems");
        HashSet<string> seen = [];
        for (int index = 0; index < count; index++)
        {
            int length = shortest + (index % (longest - shortest + 1));
            Chain chain = Draw(random, split, length, chain => seen.Add(chain.CanonicalForm));
            string answer = ChainFormat.DirectAnswer(chain)["answer ".Length..];
            foreach ((string form, string question) in ((string, string)[])[("step", ChainFormat.StepQuestion(chain)), ("direct", ChainFormat.DirectQuestion(chain))])
            {
                yield return new Problem
                {
                    Id = $"{task}-{split}-{index:D4}",
                    Task = $"{task}.{form}",
                    Messages = [new ChatMessage(ChatMessage.User, question)],
                    Answer = answer,
                    Metadata = new JsonObject { ["length"] = length, ["worked"] = ChainFormat.StepAnswer(chain) },
                };
            }
        }
    }

    private static Chain Draw(RandomStream random, string split, int length, Func<Chain, bool> isNew)
    {
        // Only a count far beyond what exists would go on drawing: then a repetition is taken
        Chain chain;
        int tries = 0;
        do
        {
            chain = Chain.Draw(random, length);
        }
        while (CorpusSplit.Of(chain.CanonicalForm) != split || (!isNew(chain) && ++tries < 1000));
        return chain;
    }

    internal static ChatMessage[] Turns(string question, string answer) => [new(ChatMessage.User, question), new(ChatMessage.Assistant, answer)];
}
