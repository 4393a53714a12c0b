using System.Text.Json;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Metrics;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Xunit;

namespace Athanor.Tests.Core.Runs;

public sealed class RecipeRunnerTests : IDisposable
{
    private const string Text = "name: run\nstages: { numbers: { use: numbers.draw }, sum: { use: numbers.sum } }";

    private readonly TemporaryFolder _folder = new();
    private readonly NumbersStage _numbers = new();
    private readonly SumStage _sum = new();
    private RecordingReporter _reporter = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_makes_an_artifact_a_stage_and_the_resolved_recipe()
    {
        RunPlan plan = await RunAsync(Text);
        Assert.Equal(["start numbers", "finish numbers", "start sum", "finish sum"], _reporter.Events);
        Artifact numbers = Artifact.Open(_folder["runs/run/numbers"]);
        Assert.Equal((ArtifactKind.Corpus, plan.Stages[0].Key, 20L), (numbers.Manifest.Kind, numbers.Manifest.Key, numbers.Manifest.Cost.Tokens));
        Assert.Equal(["metrics.jsonl", "numbers.txt"], numbers.Manifest.Files.Keys.Order());
        Assert.Equal(20, MetricsLog.Read(numbers.PathOf("metrics.jsonl")).Count);
        Artifact sum = Artifact.Open(_folder["runs/run/sum"]);
        Assert.Equal(ContentDigest.OfFile(sum.PathOf("deep/sum.txt")), sum.Manifest.Files["deep/sum.txt"].Sha256);
        Assert.Equal(numbers.Manifest.Key, sum.Manifest.Inputs["numbers"]);
        Assert.Empty(Directory.GetDirectories(_folder["runs/run"], ".p*"));
    }

    [Fact]
    public async Task The_resolved_recipe_is_a_recipe_with_the_same_keys()
    {
        RunPlan first = await RunAsync(Text);
        Recipe resolved = new RecipeReader([_numbers, _sum]).Read(_folder[$"runs/run/{RecipeRunner.ResolvedFileName}"], new RecipeOptions());
        Assert.Equal(first.Stages.Select(stage => stage.Key), RunPlan.Of(resolved, _folder["runs"]).Stages.Select(stage => stage.Key));
    }

    [Fact]
    public async Task What_is_done_is_not_run_again_and_what_changed_is()
    {
        await RunAsync(Text);
        await RunAsync(Text);
        Assert.Equal(["skip numbers", "skip sum"], _reporter.Events);
        await RunAsync(Text, overlays: ["sum.factor=2"]);
        Assert.Equal(["skip numbers", "start sum", "finish sum"], _reporter.Events);
        await RunAsync(Text, overlays: ["seed=5"]);
        Assert.Equal(["start numbers", "finish numbers", "start sum", "finish sum"], _reporter.Events);
        await RunAsync(Text, from: "sum", overlays: ["seed=5"]);
        Assert.Equal(["skip numbers", "start sum", "finish sum"], _reporter.Events);
    }

    [Fact]
    public async Task A_changed_source_changes_the_key_and_its_place_does_not()
    {
        AtomicFile.WriteText(_folder["one/text.txt"], "text");
        AtomicFile.WriteText(_folder["two/text.txt"], "text");
        string one = await KeyAsync("one");
        Assert.Equal(one, await KeyAsync("two"));
        AtomicFile.WriteText(_folder["one/text.txt"], "other");
        Assert.NotEqual(one, await KeyAsync("one"));

        async Task<string> KeyAsync(string name) => (await RunAsync(Text, overlays: [$"numbers.path={_folder[name]}"])).Stages[0].Key;
    }

    [Fact]
    public async Task A_damaged_artifact_is_made_anew()
    {
        await RunAsync(Text);
        File.Delete(_folder["runs/run/numbers/numbers.txt"]);
        await RunAsync(Text);
        Assert.Equal(["start numbers", "finish numbers", "skip sum"], _reporter.Events);
    }

    [Fact]
    public async Task A_failed_stage_goes_on_from_its_checkpoint_and_equals_one_that_never_failed()
    {
        await RunAsync(Text.Replace("name: run", "name: smooth", StringComparison.Ordinal));
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Text, overlays: ["numbers.fail_after=13"]));
        Assert.False(Directory.Exists(_folder["runs/run/numbers"]));

        // a key is a key: other settings begin anew, so the same ones fail again at once, from the checkpoint
        int before = _numbers.Runs;
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Text, overlays: ["numbers.fail_after=13"]));
        Assert.Equal(before + 1, _numbers.Runs);
        Assert.Equal(13, MetricsLog.Read(_folder["runs/run/.partial-numbers/metrics.jsonl"]).Count);
        await RunAsync(Text);
        Assert.Equal(File.ReadAllText(_folder["runs/smooth/numbers/numbers.txt"]), File.ReadAllText(_folder["runs/run/numbers/numbers.txt"]));
    }

    [Fact]
    public async Task An_interrupted_stage_goes_on_and_its_time_adds_up()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(Text, overlays: ["numbers.pause=20"], cancellation: stop.Token));
        using JsonDocument state = JsonDocument.Parse(File.ReadAllText(_folder["runs/run/.partial-numbers/state.json"]));
        double spent = state.RootElement.GetProperty("seconds").GetDouble();
        Assert.True(spent > 0);
        Assert.Equal(StageStatus.Begun, Plan("numbers.pause=20").Stages[0].Status);
        await RunAsync(Text, overlays: ["numbers.pause=20"]);
        Assert.True(Artifact.Open(_folder["runs/run/numbers"]).Manifest.Cost.Seconds > spent);
        Assert.Equal(Enumerable.Range(1, 20).Select(step => (long)step), MetricsLog.Read(_folder["runs/run/numbers/metrics.jsonl"]).Select(entry => entry.Step));
    }

    [Fact]
    public async Task An_old_artifact_stands_until_the_new_one_is_whole()
    {
        await RunAsync(Text);
        string old = File.ReadAllText(_folder["runs/run/numbers/artifact.json"]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Text, overlays: ["numbers.fail_after=13"]));
        Assert.Equal(old, File.ReadAllText(_folder["runs/run/numbers/artifact.json"]));
    }

    [Fact]
    public async Task A_rename_that_a_kill_cut_short_is_finished()
    {
        await RunAsync(Text);
        string final = _folder["runs/run/numbers"];
        string key = Artifact.Open(final).Manifest.Key;
        string partial = _folder["runs/run/.partial-numbers"];
        Directory.CreateDirectory(partial);
        Directory.Move(final, Path.Combine(partial, "output"));
        AtomicFile.WriteText(Path.Combine(partial, "state.json"), $$"""{"key":"{{key}}","seconds":1,"peak_memory_bytes":1}""");
        await RunAsync(Text);
        Assert.Equal(["skip numbers", "skip sum"], _reporter.Events);
        Assert.True(Directory.Exists(final));
        Assert.False(Directory.Exists(partial));
    }

    [Fact]
    public async Task Two_runs_never_work_in_one_folder()
    {
        using RunLock held = new(_folder["runs/run"]);
        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(() => RunAsync(Text));
        Assert.Contains("in use", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stage_to_begin_from_must_exist()
        => Assert.Contains("did you mean 'numbers'", (await Assert.ThrowsAsync<AthanorException>(() => RunAsync(Text, from: "number"))).Cure, StringComparison.Ordinal);

    private RunPlan Plan(params IReadOnlyList<string> overlays) => RunPlan.Of(Read(Text, overlays), _folder["runs"]);

    private Task<RunPlan> RunAsync(string text, string? from = null, IReadOnlyList<string>? overlays = null, CancellationToken cancellation = default)
    {
        _reporter = new RecordingReporter();
        return new RecipeRunner(_folder["runs"], _reporter, TimeProvider.System).RunAsync(Read(text, overlays ?? []), from, cancellation);
    }

    private Recipe Read(string text, IReadOnlyList<string> overlays)
    {
        AtomicFile.WriteText(_folder["recipe.yaml"], text);
        return new RecipeReader([_numbers, _sum]).Read(_folder["recipe.yaml"], new RecipeOptions { Overlays = overlays });
    }
}
