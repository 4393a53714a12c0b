using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Corpora;
using Athanor.Corpora.Deduplication;
using Athanor.Corpora.Filters;
using Athanor.Corpora.Statistics;
using Xunit;

namespace Athanor.Tests.Corpora;

public sealed class CleaningTests
{
    private static readonly FilterSettings Settings = new BuildCorpusSettings().Filters;

    [Theory]
    [InlineData("too_short", "Only a few words here.")]
    [InlineData("non_text", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 a b c")]
    [InlineData("boilerplate", "All rights reserved by the owner of this page and its friends\nPrivacy policy and cookie policy of the owner of this page")]
    public void A_filter_drops_what_it_is_for_with_a_reason(string name, string text)
    {
        Assert.Equal(name, FirstToDrop(text));
        Assert.NotEmpty(DocumentFilters.All(Settings).First(filter => filter.Name == name).ReasonToDrop(new Document { Id = "x", Text = text })!);
    }

    [Fact]
    public void Text_of_repeated_lines_is_dropped()
        => Assert.Equal("repetitive", FirstToDrop(string.Concat(Enumerable.Repeat("the very same line comes again and again\n", 10))));

    [Fact]
    public void Plain_prose_passes_every_filter() => Assert.Null(FirstToDrop(Prose(1, 60)));

    [Fact]
    public void Texts_that_differ_in_case_and_white_space_are_the_same()
    {
        ExactDuplicates duplicates = new();
        Assert.Null(duplicates.Find("a", "Hello, World!  One"));
        Assert.Equal("a", duplicates.Find("b", "hello world one"));
        Assert.Null(duplicates.Find("c", "hello world two"));
    }

    [Fact]
    public void A_copy_with_small_changes_is_found_and_other_text_is_not()
    {
        NearDuplicates duplicates = new(5, 0.8);
        string text = Prose(1, 300);
        Assert.Null(duplicates.Find("a", text));
        Assert.Null(duplicates.Find("b", Prose(2, 300)));
        (string id, double similarity) = duplicates.Find("c", text + " with a few words more at its end")!.Value;
        Assert.Equal("a", id);
        Assert.InRange(similarity, 0.8, 1.0);
        Assert.Null(duplicates.Find("d", Prose(1, 100) + Prose(3, 200)));
    }

    [Fact]
    public void Shared_runs_of_words_are_counted()
    {
        LeakCheck check = new("test", "text", 5);
        check.AddHeldOut("one two three four five six");
        check.AddHeldOut("nothing of this stands anywhere else");
        check.AddTraining("zero One two, three four FIVE and more");
        LeakStatistics leaks = check.ToStatistics(["one two three four five six"]);
        Assert.Equal((2, 1, 2, 1), (leaks.Ngrams - 2, leaks.Shared, leaks.Documents, leaks.DocumentsMostlyShared));
        Assert.Equal("one two three four five", Assert.Single(leaks.Examples));
    }

    private static string? FirstToDrop(string text)
        => DocumentFilters.All(Settings).FirstOrDefault(filter => filter.ReasonToDrop(new Document { Id = "x", Text = text }) is not null)?.Name;

    internal static string Prose(int seed, int words)
    {
        RandomStream random = new RandomStreams(seed).Open("prose");
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => new string((char)('a' + random.NextInt32(26)), 1 + random.NextInt32(4)) + (char)('a' + random.NextInt32(26))));
    }
}
