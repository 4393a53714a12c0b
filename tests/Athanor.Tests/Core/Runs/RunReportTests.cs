using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Athanor.Core.Stages;
using Xunit;

namespace Athanor.Tests.Core.Runs;

public sealed class RunReportTests
{
    [Fact]
    public async Task The_report_lies_in_the_runs_folder_also_where_its_stage_was_done_before()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["recipe.yaml"], "name: run\nstages: { report: { use: page.write } }");
        Recipe recipe = new RecipeReader([new PageStage()]).Read(folder["recipe.yaml"], new RecipeOptions());
        string page = folder[$"runs/run/{RecipeRunner.ReportFileName}"];
        await RunAsync();
        Assert.Equal("page", File.ReadAllText(page));
        File.Delete(page);
        Assert.Equal(["skip report"], await RunAsync());
        Assert.Equal("page", File.ReadAllText(page));

        async Task<IReadOnlyList<string>> RunAsync()
        {
            RecordingReporter reporter = new();
            await new RecipeRunner(folder["runs"], reporter, TimeProvider.System).RunAsync(recipe, null, CancellationToken.None);
            return reporter.Events;
        }
    }

    private sealed record PageSettings;

    private sealed class PageStage : IStage<PageSettings>
    {
        public string Name => "page.write";

        public int Version => 1;

        public ArtifactKind Produces => ArtifactKind.Report;

        public string Purpose => "Writes a page. It says so.";

        public string SurveySection => "1";

        public string Describe(PageSettings settings) => "writes";

        public Task RunAsync(PageSettings settings, StageContext context, CancellationToken cancellation)
        {
            AtomicFile.WriteText(Path.Combine(context.OutputFolder, RecipeRunner.ReportFileName), "page");
            return Task.CompletedTask;
        }
    }
}
