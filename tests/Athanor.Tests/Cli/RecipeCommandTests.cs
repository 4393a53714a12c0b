using Athanor.Cli.Stages;
using Athanor.Core.Recipes;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class RecipeCommandTests
{
    [Fact]
    public void The_page_of_settings_in_docs_is_what_the_command_prints()
    {
        string page = File.ReadAllText(Path.Combine(Repository(), "docs", "settings.md"));
        Assert.True(page.ReplaceLineEndings("\n") == SettingsPage.Of(StageCatalog.All()), "docs/settings.md is out of date: ./athanor recipe settings > docs/settings.md");
    }

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Athanor.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
