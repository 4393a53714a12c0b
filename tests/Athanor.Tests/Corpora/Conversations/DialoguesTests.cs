using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Corpora.Conversations;
using Xunit;

namespace Athanor.Tests.Corpora.Conversations;

public sealed class DialoguesTests
{
    private static readonly Document[] Greetings = [.. Enumerable.Range(0, 20).Select(i => Exchange($"greeting-{i}", "hello", $"Hello {i}."))];
    private static readonly Document[] Questions = [.. Enumerable.Range(0, 20).Select(i => Exchange($"question-{i}", $"What does member {i} do?", $"It does {i}."))];

    [Fact]
    public void A_dialogue_is_whole_exchanges_of_its_sources()
    {
        HashSet<(string, string)> known = [.. Greetings.Concat(Questions).Select(document => (document.Messages![0].Content, document.Messages[1].Content))];
        foreach (Document dialogue in Dialogues.From([Greetings, Questions], "train", 200, new RandomStreams(1)))
        {
            Assert.Equal(0, dialogue.Messages!.Count % 2);
            Assert.InRange(dialogue.Messages.Count / 2, 2, 4);
            Assert.All(dialogue.Messages.Chunk(2), pair => Assert.Contains((pair[0].Content, pair[1].Content), known));
        }
    }

    [Fact]
    public void A_dialogue_fits_a_small_context()
    {
        Document[] lengthy = [Exchange("long", new string('a', 250), new string('b', 250))];
        Assert.All(Dialogues.From([lengthy, Questions], "train", 200, new RandomStreams(1)), dialogue => Assert.True(dialogue.Messages!.Sum(message => message.Content.Length) <= 600));
    }

    [Fact]
    public void The_same_seed_gives_the_same_dialogues()
        => Assert.Equal(Texts(7), Texts(7));

    [Fact]
    public void Another_seed_gives_others()
        => Assert.NotEqual(Texts(7), Texts(8));

    private static string[] Texts(int seed) =>
        [.. Dialogues.From([Greetings, Questions], "train", 50, new RandomStreams(seed)).Select(dialogue => string.Join('\n', dialogue.Messages!.Select(message => message.Content)))];

    private static Document Exchange(string id, string question, string answer) =>
        new() { Id = id, Messages = [new ChatMessage(ChatMessage.User, question), new ChatMessage(ChatMessage.Assistant, answer)] };
}
