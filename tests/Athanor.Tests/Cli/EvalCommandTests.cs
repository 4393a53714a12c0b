using System.CommandLine;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Core.Files;
using Athanor.Evaluation.Tasks;
using Athanor.Tests.Evaluation;
using Athanor.Tests.Generation;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class EvalCommandTests : IDisposable
{
    private readonly EvaluationCorpus _corpus = new();
    private readonly string _run = Directory.CreateTempSubdirectory("athanor-eval-").FullName;
    private readonly string _model;

    public EvalCommandTests()
    {
        _corpus.Open();
        _model = Path.Combine(_run, "pretrain");
        AtomicFile.WriteText(Path.Combine(_model, "config.json"), "{}");
    }

    public void Dispose()
    {
        _corpus.Dispose();
        Directory.Delete(_run, recursive: true);
    }

    [Fact]
    public async Task It_lists_every_task_with_what_it_measures()
    {
        (int code, string output, _) = await EvalAsync("--list");
        Assert.Equal(0, code);
        Assert.All(TaskCatalogue.All, task => Assert.Contains(task.Measures, output));
    }

    [Fact]
    public async Task It_prints_a_table_with_errors_and_baselines()
    {
        (int code, string output, string error) = await EvalAsync(_model, "--corpus", _corpus.Folder, "--tasks", "operations,closed_book", "--limit", "4");
        Assert.Equal(0, code);
        Assert.Contains("100.0 ± 0.0 %", output);
        Assert.Contains("closed_book: known", output);
        Assert.Contains("(most frequent answer)", output);
        Assert.DoesNotContain("problems in", output);
        Assert.Contains("operations, 4 shots", error);
    }

    [Fact]
    public async Task Json_stands_alone_on_the_output()
    {
        (int code, string output, _) = await EvalAsync(_model, "--corpus", _corpus.Folder, "--tasks", "operations", "--shots", "2", "--json");
        Assert.Equal(0, code);
        using JsonDocument scores = JsonDocument.Parse(output);
        JsonElement score = Assert.Single(scores.RootElement.GetProperty("scores").EnumerateArray());
        Assert.Equal((2, 6, 1.0), (score.GetProperty("shots").GetInt32(), score.GetProperty("count").GetInt32(), score.GetProperty("value").GetDouble()));
    }

    [Theory]
    [InlineData("no model")]
    [InlineData("nowhere", "nowhere-at-all")]
    [InlineData("'dance'", "MODEL", "--corpus", "CORPUS", "--tasks", "dance")]
    [InlineData("'dates'", "MODEL", "--corpus", "CORPUS", "--tasks", "dates")]
    [InlineData("--limit", "MODEL", "--corpus", "CORPUS", "--limit", "0")]
    [InlineData("--shots", "MODEL", "--corpus", "CORPUS", "--shots", "-1")]
    [InlineData("4 solved examples", "MODEL", "--corpus", "CORPUS", "--tasks", "operations", "--shots", "9")]
    [InlineData("no corpus beside", "MODEL")]
    [InlineData("not the folder of a finished stage", "MODEL", "--corpus", "MODEL")]
    [InlineData("train", "MODEL", "--corpus", "CORPUS", "--split", "train")]
    public async Task A_wrong_request_is_one_clear_fault(string named, params string[] arguments)
    {
        (int code, string output, string error) = await EvalAsync([.. arguments.Select(argument => argument == "MODEL" ? _model : argument == "CORPUS" ? _corpus.Folder : argument)]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(named, error);
        Assert.DoesNotContain("   at ", error);
    }

    private static async Task<(int Code, string Output, string Error)> EvalAsync(params string[] arguments)
    {
        StringWriter output = new();
        StringWriter error = new();
        RootCommand root = new() { EvalCommand.Create(() => new FakeLoader(FakeLanguageModel.Saying("3"))) };
        int code = await CommandFrame.RunAsync(root, ["eval", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
