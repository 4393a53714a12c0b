using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>A problem in two forms: worked step by step, and answered directly.</summary>
/// <param name="CanonicalForm">What decides its split.</param>
/// <param name="Question">The question.</param>
/// <param name="Steps">The worked steps, without the answer.</param>
/// <param name="Answer">The answer.</param>
internal sealed record WorkedProblem(string CanonicalForm, string Question, IReadOnlyList<string> Steps, string Answer);

/// <summary>Generators that draw one <see cref="WorkedProblem"/> after another; half of the training conversations show the steps.</summary>
/// <param name="part">The part and task.</param>
internal abstract class WorkedGenerator(string part) : IProblemGenerator
{
    public string Part => part;

    public IEnumerable<Document> Documents(string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/{part}/{split}/documents");
        for (int index = 0; index < count; index++)
        {
            bool steps = index % 2 == 0;
            WorkedProblem problem = Draw(random, split);
            yield return new Document
            {
                Id = $"{split}-{index:D6}",
                Messages = ChainGenerator.Turns(Question(problem, steps), steps ? string.Join(" ; ", [.. problem.Steps, "answer " + problem.Answer]) : "answer " + problem.Answer),
                Metadata = new JsonObject { ["form"] = steps ? "step" : "direct" },
            };
        }
    }

    public IEnumerable<Problem> Problems(string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/{part}/{split}/problems");
        HashSet<string> seen = [];
        for (int index = 0; index < count; index++)
        {
            WorkedProblem problem;
            int tries = 0;
            do
            {
                problem = Draw(random, split);
            }
            while (!seen.Add(problem.CanonicalForm) && ++tries < 1000);
            yield return new Problem
            {
                Id = $"{part}-{split}-{index:D4}",
                Task = part,
                Messages = [new ChatMessage(ChatMessage.User, Question(problem, steps: true))],
                Answer = problem.Answer,
                Metadata = new JsonObject { ["direct_question"] = problem.Question },
            };
        }
    }

    /// <summary>Draws any problem.</summary>
    protected internal abstract WorkedProblem Draw(RandomStream random);

    private static string Question(WorkedProblem problem, bool steps) => steps ? "Step by step: " + problem.Question : problem.Question;

    private WorkedProblem Draw(RandomStream random, string split)
    {
        WorkedProblem problem;
        do
        {
            problem = Draw(random);
        }
        while (CorpusSplit.Of(problem.CanonicalForm) != split);
        return problem;
    }
}
