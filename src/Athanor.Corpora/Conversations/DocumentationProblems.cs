using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Corpora.Documentation;

namespace Athanor.Corpora.Conversations;

/// <summary>Held-out questions on the documentation.</summary>
internal static class DocumentationProblems
{
    private const int Choices = 4;
    private const int FewestWordsLeft = 4;

    /// <summary>
    /// Multiple choice: which of four summaries (of members of the same namespace and kind, all held out) belongs to the member. The words of the member's and
    /// its type's names are masked in every choice, those of the choice's own name as well, so that no shared word gives the answer away.
    /// </summary>
    /// <param name="members">Members of held-out types.</param>
    /// <param name="trained">Summaries that training text contains; a member with one of them is not asked about.</param>
    /// <param name="split">The split.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="streams">The only source of chance.</param>
    public static IEnumerable<Problem> MultipleChoice(IEnumerable<AskableMember> members, IReadOnlySet<string> trained, string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/multiple_choice/{split}");
        List<AskableMember[]> groups = [.. members
            .Where(member => !trained.Contains(member.Summary))
            .GroupBy(member => (member.Type.Namespace, member.Member.Kind))
            .Select(group => group.DistinctBy(member => member.Summary).ToArray())
            .Where(group => group.Length >= Choices)];
        (AskableMember Member, AskableMember[] Group)[] targets = [.. groups.SelectMany(group => group.Select(member => (member, group)))];
        random.Shuffle(targets.AsSpan());
        int number = 0;
        foreach ((AskableMember target, AskableMember[] group) in targets)
        {
            if (number == count)
            {
                yield break;
            }

            if (Ask(target, group, random) is { } asked)
            {
                yield return asked with { Id = $"multiple_choice-{split}-{number++:D4}" };
            }
        }
    }

    /// <summary>Questions to be answered from memory: what a member does, what it returns.</summary>
    /// <param name="members">The members.</param>
    /// <param name="known">Whether their documents stand in the training text.</param>
    /// <param name="split">The split.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="streams">The only source of chance.</param>
    public static IEnumerable<Problem> ClosedBook(IEnumerable<AskableMember> members, bool known, string split, int count, RandomStreams streams)
    {
        string source = known ? "known" : "unknown";
        RandomStream random = streams.Open($"corpus/closed_book/{source}/{split}");
        AskableMember[] order = [.. members];
        random.Shuffle(order.AsSpan());
        int number = 0;
        foreach (AskableMember member in order)
        {
            bool returns = number % 4 == 3 && member.Member.Kind == MemberKind.Method && member.Member.Returns.Length > 3;
            yield return new Problem
            {
                Id = $"closed_book-{source}-{split}-{number:D4}",
                Task = "closed_book",
                Messages = [new ChatMessage(ChatMessage.User, returns ? DocumentationConversations.ReturnsQuestion(member.Name) : DocumentationConversations.SummaryQuestion(member.Name))],
                Answer = returns ? FirstSentence.Of(member.Member.Returns) : member.Summary,
                Metadata = new JsonObject { ["known"] = known, ["member"] = member.Name, ["namespace"] = member.Type.Namespace, ["asks"] = returns ? "returns" : "summary" },
            };
            if (++number == count)
            {
                yield break;
            }
        }
    }

    private static Problem? Ask(AskableMember target, AskableMember[] group, RandomStream random)
    {
        List<AskableMember> chosen = [target];
        List<string> texts = [NameMask.Apply(target.Summary, [target.Type.PlainName, target.Member.Name])];
        if (!SaysEnough(texts[0]))
        {
            return null;
        }

        for (int tries = 0; tries < 40 && chosen.Count < Choices; tries++)
        {
            AskableMember other = group[random.NextInt32(group.Length)];
            string text = NameMask.Apply(other.Summary, [other.Type.PlainName, other.Member.Name, target.Type.PlainName, target.Member.Name]);
            if (!chosen.Contains(other) && !texts.Contains(text) && SaysEnough(text))
            {
                chosen.Add(other);
                texts.Add(text);
            }
        }

        if (chosen.Count < Choices)
        {
            return null;
        }

        string answer = texts[0];
        int[] order = [.. Enumerable.Range(0, Choices)];
        random.Shuffle(order.AsSpan());
        return new Problem
        {
            Id = "",
            Task = "multiple_choice",
            Messages = [new ChatMessage(ChatMessage.User, DocumentationConversations.MaskedQuestion(target.Name))],
            NeutralMessages = [new ChatMessage(ChatMessage.User, DocumentationConversations.NeutralDescription)],
            Answer = answer,
            Choices = [.. order.Select(index => texts[index])],
            Metadata = new JsonObject
            {
                ["member"] = target.Name,
                ["namespace"] = target.Type.Namespace,
                ["kind"] = target.Member.Kind.ToString().ToLowerInvariant(),
                ["parameters"] = new JsonArray([.. target.Member.Parameters.Select(parameter => (JsonNode)parameter.Name)]),
                ["choice_members"] = new JsonArray([.. order.Select(index => (JsonNode)chosen[index].Name)]),
            },
        };
    }

    private static bool SaysEnough(string masked)
    {
        int words = masked.Split(' ', StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(char.IsAsciiLetter));
        return words >= FewestWordsLeft;
    }
}
