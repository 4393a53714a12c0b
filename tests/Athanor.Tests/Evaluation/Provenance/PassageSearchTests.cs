using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Athanor.Evaluation.Provenance;
using Athanor.Tests.Tokenization;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using Xunit;

namespace Athanor.Tests.Evaluation.Provenance;

public sealed class PassageSearchTests : IDisposable
{
    private static readonly Document[] Documents =
    [
        new() { Id = "river", Text = "The collection returns the specified value when it is null." },
        new() { Id = "stone", Text = "naïve 数据 and 🙂 stand here, and so does the specified value." },
        new() { Id = "talk", Messages = [new ChatMessage("user", "What is the specified"), new ChatMessage("assistant", " value?")] },
        new() { Id = "other", Text = "zzz" },
    ];

    private readonly TemporaryFolder _folder = new();

    public PassageSearchTests()
    {
        Tokenizer tokenizer = TokenizerFixture.Tokenizer;
        TokenizerFolder.Write(tokenizer, _folder["tokens"]);
        JsonLines.Write(_folder[$"corpus/{CorpusLayout.Documents(CorpusLayout.Train, "mixed")}"], Documents, TestContext.Current.CancellationToken);
        using TokenShardWriter shard = new(_folder[$"tokens/{TokensLayout.Shard(CorpusLayout.Train, "mixed")}"], tokenizer.VocabularySize - 1);
        foreach (Document document in Documents)
        {
            shard.Append(ChatTemplate.For(tokenizer).Encode(document).Ids);
        }

        shard.Complete();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_document_that_contains_a_passage_is_found_by_name()
    {
        PassageMatch match = Find("数据 and 🙂 stand")[0];
        Assert.Equal(("mixed", 1, "stone", "数据 and 🙂 stand"), (match.Part, match.Number, match.Id, match.Text));
        Assert.EndsWith("naïve ", match.Before, StringComparison.Ordinal);
        Assert.StartsWith(" here", match.After, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_passage_that_none_contains_the_longest_pieces_are_found_longest_first()
    {
        IReadOnlyList<PassageMatch> matches = Find("xx returns the specified value yy");
        Assert.Equal(["river", "stone"], matches.Take(2).Select(match => match.Id));
        Assert.Equal(" returns the specified value ", matches[0].Text);
        Assert.Equal("s the specified value", matches[1].Text);
    }

    [Fact]
    public void A_piece_does_not_reach_over_a_turn() => Assert.All(Find("the specified value?").Where(match => match.Id == "talk"), match => Assert.DoesNotContain("specified value", match.Text, StringComparison.Ordinal));

    [Fact]
    public void A_passage_of_nothing_is_refused() => Assert.Throws<AthanorException>(() => Find(""));

    [Fact]
    public void The_automaton_finds_what_trying_all_pieces_finds()
    {
        for (int number = 0; number < 200; number++)
        {
            RandomStream random = new RandomStreams(5).Open("automaton", number);
            byte[] passage = [.. Enumerable.Range(0, 1 + random.NextInt32(12)).Select(_ => (byte)random.NextInt32(3))];
            byte[] text = [.. Enumerable.Range(0, 40).Select(_ => (byte)random.NextInt32(4))];
            PassageAutomaton automaton = new(passage);
            for (int end = 1; end <= text.Length; end++)
            {
                automaton.Read(text[end - 1]);
                int longest = Enumerable.Range(0, end + 1).Where(length => passage.AsSpan().IndexOf(text.AsSpan(end - length, length)) >= 0).Max();
                Assert.Equal(longest, automaton.Length);
            }
        }
    }

    private IReadOnlyList<PassageMatch> Find(string text) => PassageSearch.Find(
        EvaluationCorpus.Open(_folder["tokens"], ArtifactKind.Tokens), EvaluationCorpus.Open(_folder["corpus"], ArtifactKind.Corpus), text, 5, TestContext.Current.CancellationToken);
}
