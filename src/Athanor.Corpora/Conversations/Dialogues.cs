using System.Text.Json.Nodes;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;

namespace Athanor.Corpora.Conversations;

/// <summary>
/// Longer conversations that change their subject: short ones of the same split one after the other, as people talk. Without them a model answers the first
/// question of a chat well and the next ones by the subject of those before.
/// </summary>
internal static class Dialogues
{
    /// <summary>The part's name.</summary>
    public const string Part = "dialogues";

    private const int FewestPieces = 2;
    private const int MostPieces = 4;

    // about 200 tokens: a dialogue must fit the context of a small model whole
    private const int LongestBytes = 600;

    /// <summary>Composes dialogues from conversations.</summary>
    /// <param name="sources">Kinds of conversations, each as likely as the others.</param>
    /// <param name="split">The split they are of.</param>
    /// <param name="count">How many dialogues.</param>
    /// <param name="streams">The run's random streams.</param>
    public static IEnumerable<Document> From(IReadOnlyList<IReadOnlyList<Document>> sources, string split, int count, RandomStreams streams)
    {
        RandomStream random = streams.Open($"corpus/dialogues/{split}");
        for (int number = 0; number < count; number++)
        {
            List<ChatMessage> messages = [];
            int pieces = random.NextInt32(FewestPieces, MostPieces + 1);
            for (int piece = 0; piece < pieces; piece++)
            {
                IReadOnlyList<Document> source = sources[random.NextInt32(sources.Count)];
                IReadOnlyList<ChatMessage> next = source[random.NextInt32(source.Count)].Messages!;
                if (messages.Count == 0 || messages.Concat(next).Sum(message => message.Content.Length) <= LongestBytes)
                {
                    messages.AddRange(next);
                }
            }

            yield return new Document { Id = $"{split}-{number:D6}", Messages = messages, Metadata = new JsonObject { ["kind"] = "dialogue" } };
        }
    }

    /// <summary>The kinds of conversations to compose from, read from what a corpus has written of a split: small talk, questions about the documentation, chains.</summary>
    public static IReadOnlyList<IReadOnlyList<Document>> Sources(string folder, string split)
    {
        Document[] conversations = Read("conversations");
        return [.. new[] { [.. conversations.Where(IsSmallTalk)], [.. conversations.Where(document => !IsSmallTalk(document))], Read("chains") }.Where(source => source.Length > 0)];

        Document[] Read(string part)
        {
            string path = Path.Combine(folder, CorpusLayout.Documents(split, part));
            return File.Exists(path) ? [.. JsonLines.Read<Document>(path)] : [];
        }
    }

    private static bool IsSmallTalk(Document document) => document.Metadata?["kind"]?.GetValue<string>() == "small_talk";
}
