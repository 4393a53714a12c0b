using System.Security.Cryptography;
using Athanor.Core.Documents;
using Athanor.Corpora;
using Athanor.Corpora.Statistics;
using Xunit;

namespace Athanor.Tests.Corpora;

/// <summary>The corpus that the whole documentation of this machine's SDK gives, built once.</summary>
public sealed class SdkCorpus : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("athanor-corpus-");

    internal static BuildCorpusSettings Small { get; } = new() { Chains = 400, Operations = 100, LastLetters = 20, CoinFlips = 20, Dates = 20, SmallTalk = 400 };

    public string Output { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        StageRun run = new(_folder.FullName);
        await run.BuildAsync(Small);
        Output = run.Output;
    }

    public IEnumerable<Document> Documents(string split, string part) => JsonLines.Read<Document>(Path.Combine(Output, split, part + ".jsonl.zst"));

    public IEnumerable<Problem> Problems(string split, string task) => JsonLines.Read<Problem>(Path.Combine(Output, "problems", split, task + ".jsonl.zst"));

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}

public sealed class BuildCorpusStageTests(SdkCorpus corpus) : IClassFixture<SdkCorpus>
{
    [Fact]
    public void The_documentation_gives_thousands_of_documents_in_three_splits()
    {
        CorpusStatistics statistics = CorpusStatistics.Read(Path.Combine(corpus.Output, "statistics.json"));
        Assert.Equal(64, Assert.Single(statistics.Sources).Digest.Length);
        PartStatistics train = statistics.Parts.Single(part => part is { Split: "train", Part: "documentation" });
        Assert.True(train.Documents > 3000);
        Assert.Equal(train.Documents, train.LengthHistogram.Sum());
        Assert.NotEmpty(train.Examples);
        Assert.Equal(train.Documents, corpus.Documents("train", "documentation").Select(document => document.Id).Distinct().LongCount());
        Assert.Contains(corpus.Documents("train", "documentation").Concat(corpus.Documents("test", "documentation")).Concat(corpus.Documents("validation", "documentation")), document => document.Id == "System.IO.File");
    }

    [Fact]
    public void No_type_is_in_two_splits_and_held_out_members_are_asked_nowhere_in_training()
    {
        HashSet<string> train = [.. corpus.Documents("train", "documentation").Select(document => document.Id.Split('`')[0])];
        HashSet<string> asked = [.. corpus.Documents("train", "conversations").Select(document => (string?)document.Metadata!["about"]).OfType<string>()];
        foreach (string split in (string[])["validation", "test"])
        {
            Assert.DoesNotContain(corpus.Documents(split, "documentation"), document => train.Contains(document.Id.Split('`')[0]));
            Assert.DoesNotContain(corpus.Problems(split, "multiple_choice"), problem => asked.Contains((string)problem.Metadata!["member"]!));
            Assert.DoesNotContain(corpus.Problems(split, "closed_book"), problem => asked.Contains((string)problem.Metadata!["member"]!));
        }
    }

    [Theory]
    [InlineData("validation")]
    [InlineData("test")]
    public void A_choice_has_four_masked_summaries_and_one_is_right(string split)
    {
        Problem[] problems = [.. corpus.Problems(split, "multiple_choice")];
        Assert.True(problems.Length >= 500, $"{problems.Length} problems");
        Assert.All(problems, problem =>
        {
            Assert.Equal(4, problem.Choices!.Distinct().Count());
            Assert.Contains(problem.Answer, problem.Choices!);
            Assert.Equal("Describe it without its name.", problem.NeutralMessages![^1].Content);
        });
        int[] places = [.. Enumerable.Range(0, 4).Select(place => problems.Count(problem => problem.Choices![place] == problem.Answer))];
        Assert.All(places, count => Assert.InRange(count, problems.Length / 6, problems.Length / 3));
    }

    [Fact]
    public void Closed_book_asks_about_what_was_read_and_what_was_not()
    {
        Problem[] problems = [.. corpus.Problems("test", "closed_book")];
        Assert.True(problems.Count(problem => (bool)problem.Metadata!["known"]!) >= 200);
        Assert.True(problems.Count(problem => !(bool)problem.Metadata!["known"]!) >= 200);
    }

    [Fact]
    public void Every_conversation_alternates_and_ends_with_an_answer()
        => Assert.All(corpus.Documents("train", "conversations"), document =>
        {
            Assert.True(document.Messages!.Count % 2 == 0);
            Assert.All(document.Messages, message => Assert.NotEqual("", message.Content.Trim()));
            Assert.Equal(ChatMessage.Assistant, document.Messages[^1].Role);
        });

    [Fact]
    public async Task The_same_settings_and_seed_give_the_same_bytes()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("athanor-corpus-");
        try
        {
            StageRun run = new(folder.FullName);
            await run.BuildAsync(SdkCorpus.Small);
            Assert.Equal(Digests(corpus.Output), Digests(run.Output));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static SortedDictionary<string, string> Digests(string folder)
        => new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
}
