using Athanor.Core.Errors;
using Athanor.Core.Recipes;
using Athanor.Tests.Core.Runs;
using Xunit;

namespace Athanor.Tests.Core.Recipes;

/// <summary>The file, its profiles and the command line.</summary>
public sealed class RecipeSourcesTests : IDisposable
{
    private const string Good = """
        name: good
        stages:
          numbers: { use: numbers.draw }
        profiles:
          smoke: { numbers: { count: 2 } }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_too_large_or_no_text_or_missing_is_refused()
    {
        using (FileStream huge = File.Create(_folder["huge.yaml"]))
        {
            huge.SetLength(1L << 34);
        }

        File.WriteAllBytes(_folder["binary.yaml"], [0x6E, 0xFF, 0xFE, 0x00]);
        Assert.Contains("a recipe has at most", FaultOf("huge.yaml"), StringComparison.Ordinal);
        Assert.Contains("is not a text in UTF-8", FaultOf("binary.yaml"), StringComparison.Ordinal);
        Assert.Contains("does not exist", FaultOf("missing.yaml"), StringComparison.Ordinal);
        Assert.Contains("is a folder", FaultOf("."), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{ a: ", 100_000)]
    [InlineData("- ", 100_000)]
    [InlineData("? ", 50_000)]
    public void What_is_nested_without_end_is_refused_and_takes_no_stack(string opening, int times)
    {
        File.WriteAllText(_folder["deep.yaml"], "stages:\n  " + string.Concat(Enumerable.Repeat(opening, times)));
        FaultOf("deep.yaml");
    }

    [Theory]
    [InlineData("numbers.cuont=1", "--set numbers.cuont=1: numbers has no setting 'cuont': did you mean 'count'?")]
    [InlineData("nubmers.count=1", "the recipe has no stage 'nubmers': did you mean 'numbers'?")]
    [InlineData("numbers.count", "give stage.key=value")]
    [InlineData("numbers.count=[", "not YAML")]
    public void What_is_wrong_on_the_command_line_is_told(string overlay, string fault)
        => Assert.Contains(fault, Assert.Throws<AthanorException>(() => Read(new RecipeOptions { Overlays = [overlay] })).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_profile_is_told_with_the_nearest()
        => Assert.Contains("no profile 'smok': did you mean 'smoke'?", Assert.Throws<AthanorException>(() => Read(new RecipeOptions { Profile = "smok" })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_profile_has_a_folder_of_its_own()
    {
        Assert.Equal("good", Read(new RecipeOptions()).Name);
        Assert.Equal("good-smoke", Read(new RecipeOptions { Profile = "smoke" }).Name);
        Assert.Equal("mine", Read(new RecipeOptions { Profile = "smoke", Name = "mine" }).Name);
    }

    private string FaultOf(string name) => Assert.Throws<AthanorException>(() => new RecipeReader([new NumbersStage()]).Read(_folder[name], new RecipeOptions())).Message;

    private Recipe Read(RecipeOptions options)
    {
        File.WriteAllText(_folder["recipe.yaml"], Good);
        return new RecipeReader([new NumbersStage()]).Read(_folder["recipe.yaml"], options);
    }
}
