using System.Globalization;
using System.Text.RegularExpressions;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Corpora.Problems;
using Xunit;

namespace Athanor.Tests.Corpora;

public sealed partial class ProblemsTests
{
    private static readonly RandomStreams Streams = new(3);

    [Fact]
    public void Every_worked_step_is_arithmetically_right()
    {
        foreach (Document document in new ChainGenerator(shuffledSteps: false).Documents("train", 4000, Streams).Where((_, index) => index % 2 == 0))
        {
            string question = document.Messages![0].Content;
            string[] steps = document.Messages[1].Content.Split(" ; ");
            string[] tokens = question["Step by step: ".Length..^" = ?".Length].Split(' ');
            int value = Number(tokens[0]);
            Assert.Equal((tokens.Length / 2) + 1, steps.Length);
            for (int step = 0; step < steps.Length - 1; step++)
            {
                Match match = Step().Match(steps[step]);
                Assert.Equal(value, Number(match.Groups[1].Value));
                Assert.Equal(tokens[(2 * step) + 1], match.Groups[2].Value);
                Assert.Equal(tokens[(2 * step) + 2], match.Groups[3].Value);
                Assert.InRange(Number(match.Groups[3].Value), 1, 9);
                value += match.Groups[2].Value == "+" ? Number(match.Groups[3].Value) : -Number(match.Groups[3].Value);
                Assert.Equal(value, Number(match.Groups[4].Value));
                Assert.InRange(value, 0, 99);
            }

            Assert.Equal($"answer {value}", steps[^1]);
        }
    }

    [Fact]
    public void Direct_answers_are_as_many_and_right()
    {
        Document[] documents = [.. new ChainGenerator(shuffledSteps: false).Documents("train", 4000, Streams)];
        Document[] direct = [.. documents.Where(document => !document.Messages![0].Content.StartsWith("Step", StringComparison.Ordinal))];
        Assert.Equal(2000, direct.Length);
        Assert.All(direct, document => Assert.Equal($"answer {Evaluate(document.Messages![0].Content)}", document.Messages[1].Content));
        Assert.Equal(documents.Length, documents.Select(document => document.Messages![0].Content).Distinct().Count());
        Assert.Equal([3, 4, 5, 6], documents.Select(document => (int)document.Metadata!["length"]!).Distinct().Order());
    }

    [Fact]
    public void No_order_of_the_same_numbers_is_in_two_splits()
    {
        HashSet<string> train = [.. new ChainGenerator(shuffledSteps: false).Documents("train", 8000, Streams).Select(document => Canonical(document.Messages![0].Content))];
        foreach (string split in (string[])["validation", "test"])
        {
            Problem[] problems = [.. new ChainGenerator(shuffledSteps: false).Problems(split, 600, Streams)];
            Assert.All(problems, problem => Assert.DoesNotContain(Canonical(problem.Messages[0].Content), train));
            Assert.All(problems, problem => Assert.Equal(Evaluate(problem.Messages[0].Content).ToString(CultureInfo.InvariantCulture), problem.Answer));
            Assert.Equal(["chains.direct", "chains.long.direct", "chains.long.step", "chains.step"], problems.Select(problem => problem.Task).Distinct().Order(StringComparer.Ordinal));
            Assert.Equal(600, problems.Count(problem => problem.Task == "chains.step"));
            Assert.All(problems.Where(problem => problem.Task.Contains("long", StringComparison.Ordinal)), problem => Assert.InRange((int)problem.Metadata!["length"]!, 7, 8));
        }

        HashSet<string> validation = [.. new ChainGenerator(shuffledSteps: false).Documents("validation", 1000, Streams).Select(document => Canonical(document.Messages![0].Content))];
        Assert.Empty(validation.Intersect(train));
    }

    [Fact]
    public void An_episode_keeps_one_operation_and_nothing_but_examples_tells_it()
    {
        Document[] episodes = [.. new OperationGenerator().Documents("train", 1000, Streams)];
        Assert.Equal(500, episodes.Count(episode => (string)episode.Metadata!["operation"]! == "+"));
        foreach (Document episode in episodes)
        {
            bool adds = (string)episode.Metadata!["operation"]! == "+";
            Assert.InRange(episode.Messages!.Count, 8, 18);
            for (int turn = 0; turn < episode.Messages.Count; turn += 2)
            {
                string[] parts = episode.Messages[turn].Content.Split(' ');
                (int a, int b) = (Number(parts[0]), Number(parts[2]));
                Assert.True(a >= b && b >= 1 && a <= 9);
                Assert.Equal(adds ? a + b : a - b, Number(episode.Messages[turn + 1].Content));
            }
        }

        Assert.All(new OperationGenerator().Problems("test", 200, Streams), problem =>
        {
            Assert.Equal(8, problem.Examples.Count);
            Assert.DoesNotContain(problem.Examples, example => example.User == problem.Messages[^1].Content);
        });
    }

    [Fact]
    public void Last_letters_coins_and_dates_are_right()
    {
        foreach (Problem problem in new LastLetterGenerator().Problems("test", 200, Streams))
        {
            string names = problem.Messages[0].Content.Replace("Step by step: last letters of ", "", StringComparison.Ordinal).Replace(" ?", "", StringComparison.Ordinal);
            Assert.Equal(string.Concat(names.Split(' ').Select(name => name[^1])), problem.Answer);
        }

        foreach (Problem problem in new CoinFlipGenerator().Problems("test", 200, Streams))
        {
            int flips = problem.Messages[0].Content.Split("flips it").Length - 1;
            Assert.Equal(flips % 2 == 0 ? "yes" : "no", problem.Answer);
        }

        foreach (Problem problem in new DateGenerator().Problems("test", 200, Streams))
        {
            Match match = Dates().Match(problem.Messages[0].Content);
            DateOnly[] dates = [DateOnly.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), DateOnly.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)];
            Assert.Equal(dates.Min(), DateOnly.Parse(problem.Answer, CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void The_splits_of_every_generator_share_no_problem()
    {
        foreach (IProblemGenerator generator in (IProblemGenerator[])[new LastLetterGenerator(), new CoinFlipGenerator(), new DateGenerator()])
        {
            HashSet<string> train = [.. generator.Documents("train", 3000, Streams).Select(document => Bare(document.Messages![0].Content))];
            Assert.DoesNotContain(generator.Problems("test", 300, Streams), problem => train.Contains(Bare(problem.Messages[0].Content)));
        }

        static string Bare(string question) => question.Replace("Step by step: ", "", StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_problems()
        => Assert.Equal(Questions(new RandomStreams(5)), Questions(new RandomStreams(5)));

    private static List<string> Questions(RandomStreams streams) => [.. new ChainGenerator(shuffledSteps: false).Documents("train", 100, streams).Select(document => document.Messages![0].Content)];

    [GeneratedRegex(@"^(\d+) ([+-]) (\d) = (\d+)$")]
    private static partial Regex Step();

    [GeneratedRegex(@"earlier, (.*) or (.*) \?")]
    private static partial Regex Dates();

    private static string[] Tokens(string question) => question.Replace("Step by step: ", "", StringComparison.Ordinal).Replace(" = ?", "", StringComparison.Ordinal).Split(' ');

    private static int Evaluate(string question)
    {
        string[] tokens = Tokens(question);
        int value = Number(tokens[0]);
        for (int i = 1; i < tokens.Length; i += 2)
        {
            value += tokens[i] == "+" ? Number(tokens[i + 1]) : -Number(tokens[i + 1]);
        }

        return value;
    }

    private static string Canonical(string question)
    {
        string[] tokens = ["+", .. Tokens(question)];
        return string.Join(' ', Enumerable.Range(0, tokens.Length / 2).Select(i => tokens[2 * i] + tokens[(2 * i) + 1]).Order(StringComparer.Ordinal));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
