using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Corpora.Documentation;

namespace Athanor.Corpora.Conversations;

/// <summary>
/// Conversations made from the documentation: what a member or type does, its description without its name, and now and then what it takes, returns or throws,
/// which member does something, or several of these in a row.
/// </summary>
internal static class DocumentationConversations
{
    /// <summary>The question about an unnamed member, for which a choice's likelihood is compared.</summary>
    public const string NeutralDescription = "Describe it without its name.";

    private static readonly string[] Summary = ["What does {0} do?", "What does {0} do?", "What does {0} do?", "What is {0} for?", "Explain {0}.", "Tell me about {0}."];
    private static readonly string[] TypeSummary = ["What is {0}?", "What is {0}?", "What is {0} for?", "Explain {0}.", "Tell me about {0}."];
    private static readonly string[] Followups = ["What does it return?", "What does it throw?", "Which parameters does it take?"];

    private const int LongestAnswer = 300;
    private const int FramedOneIn = 16;
    private const double ShareOfDetails = 0.2;

    /// <summary>The main question about a name.</summary>
    public static string SummaryQuestion(string name) => $"What does {name} do?";

    /// <summary>The question that multiple choice asks.</summary>
    public static string MaskedQuestion(string name) => $"Describe {name} without its name.";

    /// <summary>The question for a member's result.</summary>
    public static string ReturnsQuestion(string name) => $"What does {name} return?";

    /// <summary>Makes the conversations of one split, in the order of the documentation.</summary>
    public static IEnumerable<Document> From(IEnumerable<DocumentedType> types, IEnumerable<AskableMember> members, SmallTalk talk, string split, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/conversations/{split}");
        int number = 0;
        HashSet<string> names = [];
        foreach (DocumentedType type in types)
        {
            if (type.Own is { } own && FirstSentence.Of(own.Summary) is { Length: > 15 and <= LongestAnswer } summary && names.Add(type.PlainName))
            {
                yield return Conversation(split, ref number, "type", type.PlainName, Exchange(Pick(random, TypeSummary, type.PlainName), summary));
            }
        }

        foreach (AskableMember member in members)
        {
            string name = member.Name;
            string question = Pick(random, Summary, name);
            Exchange? detail = random.NextDouble() < ShareOfDetails ? FollowUp(member, random) : null;
            Document said = Conversation(split, ref number, "summary", name, detail is null ? [new Exchange(question, member.Summary)] : [new Exchange(question, member.Summary), detail]);
            yield return random.NextInt32(FramedOneIn) == 0 ? said with { Messages = Frame(said.Messages!, talk, random) } : said;
            yield return Conversation(split, ref number, "masked", name, Exchange(MaskedQuestion(name), member.MaskedSummary));
            // One masked description in twelve answers the neutral question: its likelihood is what choices are divided by
            if (random.NextInt32(12) == 0)
            {
                yield return Conversation(split, ref number, "masked", "it", Exchange(NeutralDescription, member.MaskedSummary));
            }

            if (random.NextDouble() < ShareOfDetails && Detail(member, random) is { } own)
            {
                yield return Conversation(split, ref number, "detail", name, [own]);
            }

            if (random.NextDouble() < ShareOfDetails / 2)
            {
                string asked = Lowered(member.Summary);
                yield return Conversation(split, ref number, "which", name, Exchange($"Which member of {member.Type.PlainName} {asked}?", member.Name));
            }
        }
    }

    // People greet first and thank afterwards
    private static ChatMessage[] Frame(IReadOnlyList<ChatMessage> messages, SmallTalk talk, RandomStream random)
        => random.NextInt32(2) == 0
            ? [.. talk.DrawFrame(random, opening: true), .. messages]
            : [.. messages, .. talk.DrawFrame(random, opening: false)];

    private static Exchange? FollowUp(AskableMember member, RandomStream random)
    {
        string question = Followups[random.NextInt32(Followups.Length)];
        string? answer = question[10] switch
        {
            'i' when question.EndsWith("return?", StringComparison.Ordinal) => Returns(member),
            'i' => Throws(member),
            _ => Takes(member),
        };
        return answer is null ? null : new Exchange(question, answer);
    }

    private static Exchange? Detail(AskableMember member, RandomStream random)
    {
        int kind = random.NextInt32(4);
        (string question, string? answer) = kind switch
        {
            0 => (ReturnsQuestion(member.Name), Returns(member)),
            1 => ($"What does {member.Name} throw?", Throws(member)),
            2 => ($"Which parameters does {member.Name} take?", Takes(member)),
            _ => ($"What is {(member.Member.Parameters.Count > 0 ? member.Member.Parameters[0].Name : "")} in {member.Name}?",
                member.Member.Parameters.Count > 0 ? FirstSentence.Of(member.Member.Parameters[0].Text) : null),
        };
        return answer is null or { Length: > LongestAnswer } ? null : new Exchange(question, answer);
    }

    private static string? Returns(AskableMember member)
        => member.Member.Kind == MemberKind.Method && FirstSentence.Of(member.Member.Returns) is { Length: > 3 and <= LongestAnswer } text ? text : null;

    private static string? Throws(AskableMember member)
    {
        if (member.Member.Kind != MemberKind.Method)
        {
            return null;
        }

        string[] names = [.. member.Member.Exceptions.Select(exception => exception.Name).Distinct()];
        return names.Length == 0 ? "No exception is documented." : string.Join(", ", names) + ".";
    }

    private static string? Takes(AskableMember member)
    {
        if (member.Member.Kind != MemberKind.Method)
        {
            return null;
        }

        string[] names = [.. member.Member.Parameters.Select(parameter => parameter.Name)];
        return names.Length == 0 ? "It takes no parameters." : string.Join(", ", names) + ".";
    }

    private static string Lowered(string summary)
    {
        string text = summary.TrimEnd('.');
        return text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }

    private static string Pick(RandomStream random, string[] forms, string name)
        => string.Format(System.Globalization.CultureInfo.InvariantCulture, forms[random.NextInt32(forms.Length)], name);

    private static Exchange[] Exchange(string question, string answer) => [new Exchange(question, answer)];

    private static Document Conversation(string split, ref int number, string kind, string about, Exchange[] exchanges) => new()
    {
        Id = $"{split}-{number++:D6}",
        Messages = [.. exchanges.SelectMany(exchange => Problems.ChainGenerator.Turns(exchange.User, exchange.Assistant))],
        Metadata = new JsonObject { ["kind"] = kind, ["about"] = about },
    };
}
