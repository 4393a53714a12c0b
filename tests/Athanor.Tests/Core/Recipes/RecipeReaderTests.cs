using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Athanor.Core.Recipes;
using Athanor.Core.Stages;
using Athanor.Tests.Core.Runs;
using Xunit;

namespace Athanor.Tests.Core.Recipes;

public sealed class RecipeReaderTests : IDisposable
{
    private const string Whole = """
        name: whole
        seed: 7
        stages:
          numbers:
            use: numbers.draw
            count: 1_0
            pause: 1.5
            fail_after: null
            budget: 2e6
            sorted: true
            flavour: dark_chocolate
            parts: [x, 'y', 3]
            mixture: { one: 0.25, two: 0.75 }
            nested: { rate: 1, title: "a title" }
          sum: { use: numbers.sum, numbers: numbers }
        profiles:
          smoke:
            numbers: { count: 2, nested: { rate: 0.1 } }
            sum: omit
        """;

    private static readonly IStage[] Catalog = [new NumbersStage(), new SumStage()];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kind_of_value_is_bound()
    {
        Recipe recipe = Read(Whole);
        NumbersSettings settings = (NumbersSettings)recipe.Stages[0].Settings;
        Assert.Equal(("whole", 7L), (recipe.Name, recipe.Seed));
        Assert.Equal((10, 1.5, null, 2_000_000L, true, Flavour.DarkChocolate), (settings.Count, settings.Pause, settings.FailAfter, settings.Budget, settings.Sorted, settings.Flavour));
        Assert.Equal(["x", "y", "3"], settings.Parts);
        Assert.Equal(0.75, settings.Mixture!["two"]);
        Assert.Equal(new NestedSettings { Rate = 1, Title = "a title" }, settings.Nested);
    }

    [Fact]
    public void A_profile_is_laid_over_the_recipe_and_may_leave_stages_out()
    {
        Recipe recipe = Read(Whole, new RecipeOptions { Profile = "smoke" });
        NumbersSettings settings = (NumbersSettings)Assert.Single(recipe.Stages).Settings;
        Assert.Equal((2, 0.1, "a title"), (settings.Count, settings.Nested.Rate, settings.Nested.Title));
    }

    [Fact]
    public void A_setting_may_bring_its_profile_with_it()
    {
        string text = Whole + "\n  own:\n    when: numbers.path\n    sum: omit\n    numbers: { count: 3 }\n";
        Assert.Equal(2, Read(text).Stages.Count);
        Recipe own = Read(text, new RecipeOptions { Overlays = [$"numbers.path={_folder["."]}"] });
        Assert.Equal(("whole-own", "own", 3), (own.Name, own.Profile, ((NumbersSettings)Assert.Single(own.Stages).Settings).Count));
        Recipe both = Read(text, new RecipeOptions { Profile = "smoke", Overlays = [$"numbers.path={_folder["."]}"] });
        Assert.Equal("whole-smoke-own", both.Name);
    }

    [Fact]
    public void Settings_of_the_command_line_come_last()
    {
        Recipe recipe = Read(Whole, new RecipeOptions { Profile = "smoke", Overlays = ["numbers.count=5", "numbers.nested.rate=0.9", "numbers.parts=[p, q]", "seed=11"], Name = "other" });
        NumbersSettings settings = (NumbersSettings)recipe.Stages[0].Settings;
        Assert.Equal(("other", 11L, 5, 0.9), (recipe.Name, recipe.Seed, settings.Count, settings.Nested.Rate));
        Assert.Equal(["p", "q"], settings.Parts);
    }

    [Fact]
    public void Stages_run_after_what_they_read_and_otherwise_as_written()
    {
        Recipe recipe = Read("""
            stages:
              last: { use: numbers.sum, numbers: late }
              early: { use: numbers.draw }
              late: { use: numbers.draw }
            """);
        Assert.Equal(["early", "late", "last"], recipe.Stages.Select(stage => stage.Name));
    }

    [Fact]
    public void All_faults_are_told_at_once_with_line_key_and_what_was_probably_meant()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => Read("""
            nam: x
            stages:
              numbers:
                use: numbers.draw
                coutn: 3
                count: many
                pause: -1
                flavour: dark_chocolat
                nested: { rte: 2 }
              sum: { use: numbers.sun }
              more:
                use: numbers.sum
                numbers: nmubers
            """));
        string[] lines = fault.Message.Split('\n')[1..];
        Assert.Contains("has 8 faults", fault.Message, StringComparison.Ordinal);
        Assert.Equal(8, lines.Length);
        Contains(":1: ", "'nam'", "did you mean 'name'");
        Contains(":5: ", "'coutn'", "did you mean 'count'");
        Contains(":6: ", "numbers.count", "a whole number", "'many'");
        Contains(":7: ", "numbers.pause is -1", "at least 0");
        Contains(":8: ", "numbers.flavour", "did you mean 'dark_chocolate'");
        Contains(":9: ", "'rte'", "did you mean 'rate'");
        Contains(":10: ", "'numbers.sun'", "did you mean 'numbers.sum'");
        Contains(":13: ", "'nmubers'", "did you mean 'numbers'");

        void Contains(string place, params string[] words) => Assert.Contains(lines, line => line.Contains(place, StringComparison.Ordinal) && words.All(word => line.Contains(word, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("stages: { a: { use: numbers.sum, numbers: b }, b: { use: numbers.draw } }\nname: ../evil", "cannot name a run's folder")]
    [InlineData("stages: { ../a: { use: numbers.draw } }", "cannot name a stage")]
    [InlineData("stages: { numbers: { use: numbers.draw, count: 1, count: 2 } }", "stands here twice")]
    [InlineData("stages: { a: { use: numbers.sum, numbers: a } }", "makes scores")]
    [InlineData("stages: { n: { use: numbers.draw }, a: { use: numbers.sum, numbers: n, others: [b] }, b: { use: numbers.sum, numbers: n, others: [a] } }", "a reads b reads a")]
    [InlineData("stages: { numbers: { use: numbers.draw, path: /no/such/file } }", "/no/such/file does not exist")]
    [InlineData("stages: { numbers: { use: numbers.draw, count: 3.5 } }", "a whole number")]
    [InlineData("stages: { numbers: { use: numbers.draw, count: 99999999999 } }", "a whole number")]
    [InlineData("stages: { numbers: { use: numbers.draw, sorted: yes } }", "true or false")]
    [InlineData("stages: { numbers: { use: numbers.draw, parts: a } }", "must be a list")]
    [InlineData("stages: { numbers: { use: numbers.draw, mixture: { a: 2 } } }", "at most 1")]
    [InlineData("stages: { numbers: { use: !evil numbers.draw } }", "tag")]
    [InlineData("stages: *nobody", "names nothing")]
    [InlineData("stages: [", "not YAML")]
    [InlineData("- a", "a recipe is a map")]
    [InlineData("", "a recipe is a map")]
    [InlineData("stages: {}", "needs 'stages'")]
    public void What_is_wrong_is_said(string text, string expected)
        => Assert.Contains(expected, Assert.Throws<AthanorException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_stage_that_is_unknown_is_told_once_and_not_again_where_others_read_it()
        => Assert.DoesNotContain('\n', Assert.Throws<AthanorException>(() => Read("stages: { numbers: { use: numbers.drow }, sum: { use: numbers.sum } }")).Message);

    [Fact]
    public void Aliases_cannot_multiply_without_bound()
    {
        string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Contains("more than", Assert.Throws<AthanorException>(() => Read(bomb)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_bounded()
        => Assert.Contains("deeper", Assert.Throws<AthanorException>(() => Read("stages: " + new string('[', 5000))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_mutated_recipe_is_read_or_refused()
    {
        RandomStream random = new RandomStreams(8).Open("test/mutations");
        for (int i = 0; i < 600; i++)
        {
            char[] text = [.. Whole];
            for (int edits = random.NextInt32(1, 5); edits > 0; edits--)
            {
                int at = random.NextInt32(text.Length);
                int other = random.NextInt32(text.Length);
                text = random.NextInt32(3) switch
                {
                    0 => [.. text[..at], .. text[Math.Min(text.Length, at + random.NextInt32(1, 20))..], ' '],
                    1 => [.. text[..at], "{}[]&*!|>'\"%@`#:?-,\0\t\n\r\u0085~"[random.NextInt32(25)], .. text[at..]],
                    _ => [.. text[..at], .. text[Math.Min(at, other)..Math.Max(at, other)], .. text[at..]],
                };
            }

            try
            {
                Assert.NotEmpty(Read(new string(text)).Stages);
            }
            catch (AthanorException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }
    }

    [Fact]
    public void Equal_settings_give_equal_canonical_json_whatever_the_order_they_were_written_in()
    {
        string one = SettingsJson.Of(Read("stages: { numbers: { use: numbers.draw, mixture: { b: 0.5, a: 0.5 }, count: 3 } }").Stages[0].Settings).ToJsonString();
        string two = SettingsJson.Of(Read("stages: { numbers: { use: numbers.draw, count: 3, mixture: { a: 0.5, b: 0.5 } } }").Stages[0].Settings).ToJsonString();
        Assert.Equal(one, two);
        Assert.Contains("\"budget\":5", one, StringComparison.Ordinal);
    }

    private Recipe Read(string text, RecipeOptions? options = null)
    {
        AtomicFile.WriteText(_folder["recipe.yaml"], text);
        return new RecipeReader(Catalog).Read(_folder["recipe.yaml"], options ?? new RecipeOptions());
    }
}
