using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Corpora.Problems;

namespace Athanor.Corpora.Conversations;

/// <summary>
/// Greetings, questions about itself, questions outside what a small model can know, open prompts: hand-written exchanges with paraphrases, so that what a person
/// types first gets a short sensible answer. They are drawn with repetition, their share is chosen, not found.
/// </summary>
internal sealed partial class SmallTalk
{
    private readonly Dictionary<string, string[]> _lists = [];
    private readonly List<Turn[]> _exchanges = [];

    private SmallTalk()
    {
    }

    /// <summary>How many different exchanges there are, paraphrases not counted.</summary>
    public int Exchanges => _exchanges.Count;

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Blank();

    /// <summary>Reads the exchanges that come with the program.</summary>
    public static SmallTalk Load()
    {
        using Stream stream = typeof(SmallTalk).Assembly.GetManifestResourceStream("small-talk.txt")!;
        using StreamReader reader = new(stream);
        return Parse(reader.ReadToEnd());
    }

    /// <summary>Reads exchanges: <c>question | paraphrase => answer | other answer >> next question => answer</c>, a line each; <c>@list: a | b</c> fills <c>{list}</c>.</summary>
    internal static SmallTalk Parse(string text)
    {
        SmallTalk talk = new();
        foreach (string line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == '@')
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                talk._lists.Add(line[1..colon], Options(line[(colon + 1)..]));
                continue;
            }

            talk._exchanges.Add([.. line.Split(" >> ").Select(turn =>
            {
                int arrow = turn.IndexOf("=>", StringComparison.Ordinal);
                return new Turn(Options(turn[..arrow]), Options(turn[(arrow + 2)..]));
            })]);
        }

        return talk;
    }

    /// <summary>
    /// Draws conversations. A wording belongs to a split by its hash, so that held-out ones are wordings never trained on; where an exchange has no wording in a
    /// split, another is drawn.
    /// </summary>
    public IEnumerable<Document> Draw(string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/small_talk/{split}");
        for (int number = 0; number < count;)
        {
            ChatMessage[] messages = Compose(_exchanges[random.NextInt32(_exchanges.Count)], random);
            if (CorpusSplit.Of("small talk:" + messages[0].Content.ToLowerInvariant().TrimEnd('?', '!', '.')) == split)
            {
                yield return new Document
                {
                    Id = $"{split}-small-talk-{number++:D5}",
                    Messages = messages,
                    Metadata = new JsonObject { ["kind"] = "small_talk" },
                };
            }
        }
    }

    /// <summary>Draws a greeting and its answer, or thanks and the answer, to frame another conversation.</summary>
    public ChatMessage[] DrawFrame(RandomStream random, bool opening)
    {
        Turn[] exchange = _exchanges.First(turns => turns[0].Questions.Contains(opening ? "hi" : "thanks"));
        return Compose(exchange, random);
    }

    private ChatMessage[] Compose(Turn[] turns, RandomStream random)
    {
        Dictionary<string, string> fills = [];
        string Fill(Match match)
        {
            string list = match.Groups[1].Value;
            if (!fills.TryGetValue(list, out string? fill))
            {
                fills[list] = fill = _lists[list][random.NextInt32(_lists[list].Length)];
            }

            return fill;
        }

        List<ChatMessage> messages = [];
        foreach (Turn turn in turns)
        {
            string question = Blank().Replace(turn.Questions[random.NextInt32(turn.Questions.Length)], Fill);
            string answer = Blank().Replace(turn.Answers[random.NextInt32(turn.Answers.Length)], Fill);
            messages.AddRange(ChainGenerator.Turns(Vary(question, random), answer));
        }

        return [.. messages];
    }

    // People write with and without capital and final mark
    private static string Vary(string question, RandomStream random)
    {
        string varied = question;
        if (random.NextInt32(2) == 0 && char.IsLower(varied[0]))
        {
            varied = Capitalise(varied);
        }

        if (random.NextInt32(4) == 0 && varied.Length > 2 && varied.EndsWith('?'))
        {
            varied = varied[..^1];
        }
        else if (random.NextInt32(4) == 0 && char.IsLetter(varied[^1]))
        {
            varied += random.NextInt32(2) == 0 ? "." : "!";
        }

        return varied;
    }

    private static string Capitalise(string text)
        => char.ToUpperInvariant(text[0]) + LoneI().Replace(text[1..], "I");

    [GeneratedRegex(@"(?<=[ ,])i(?=[ '])")]
    private static partial Regex LoneI();

    private static string[] Options(string list) => list.Split(" | ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private sealed record Turn(string[] Questions, string[] Answers);
}
