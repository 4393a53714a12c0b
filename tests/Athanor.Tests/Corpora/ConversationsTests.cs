using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Corpora;
using Athanor.Corpora.Conversations;
using Athanor.Corpora.Documentation;
using Xunit;

namespace Athanor.Tests.Corpora;

public sealed class ConversationsTests
{
    [Theory]
    [InlineData("Closes the file. Then rests.", "Closes the file.")]
    [InlineData("Uses a name, e.g. File. Then more.", "Uses a name, e.g. File.")]
    [InlineData("See File.Open for more", "See File.Open for more")]
    [InlineData("One line\nanother.", "One line")]
    public void The_first_sentence_ends_where_a_reader_says(string text, string expected) => Assert.Equal(expected, FirstSentence.Of(text));

    [Theory]
    [InlineData("XmlReader", "xml reader")]
    [InlineData("IOException", "io exception")]
    [InlineData("Int32", "int32")]
    [InlineData("get_ItemOf", "get item of")]
    [InlineData("", "")]
    public void A_name_is_split_into_words(string name, string expected) => Assert.Equal(expected, string.Join(' ', NameWords.Of(name)));

    [Fact]
    public void A_mask_hides_every_word_of_the_names_and_its_forms()
        => Assert.Equal("_ the current _ and _ it; the rest stays.", NameMask.Apply("Closes the current streams and closed it; the rest stays.", ["Stream", "Close"]));

    [Fact]
    public void Small_talk_is_varied_and_held_out_by_wording()
    {
        SmallTalk talk = SmallTalk.Load();
        Assert.True(talk.Exchanges >= 130, $"{talk.Exchanges} exchanges");
        Document[] train = [.. talk.Draw("train", 4000, new RandomStreams(1))];
        Document[] test = [.. talk.Draw("test", 300, new RandomStreams(1))];
        Assert.True(train.Select(document => document.Messages![0].Content).Distinct().Count() > 1000);
        Assert.Contains(train, document => document.Messages!.Count > 2);
        Assert.Empty(test.Select(Wording).Intersect(train.Select(Wording)));
        Assert.All(train.Concat(test), document =>
        {
            Assert.All(document.Messages!, message => Assert.DoesNotContain('{', message.Content));
            Assert.Equal(ChatMessage.Assistant, document.Messages![^1].Role);
        });

        static string Wording(Document document) => document.Messages![0].Content.ToLowerInvariant().TrimEnd('?', '!', '.');
    }

    [Fact]
    public void A_split_takes_about_its_share_of_names()
    {
        Dictionary<string, int> counts = Enumerable.Range(0, 10_000).GroupBy(i => CorpusSplit.Of("Name" + i)).ToDictionary(group => group.Key, group => group.Count());
        Assert.InRange(counts["train"], 8_600, 9_000);
        Assert.InRange(counts["validation"], 500, 700);
        Assert.InRange(counts["test"], 500, 700);
    }
}
